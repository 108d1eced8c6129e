import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SluiceAuthorizer, SluiceModule, withSluice } from 'sluice';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { AppModule } from '../../samples/nest/src/app.module';
import { HostModule } from '../../samples/nest/src/host.module';
import { quiet, startHost, type TestHost } from '../support/host-app';
import { send } from '../support/publishing';
import { rawRequest, UPGRADE } from '../support/raw-request';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

/** Longer than socket.io gives an upgrade that nobody has answered, and well below the 3 s that a webhook has, ms. */
const SLOW = 1_500;

/** Asks a service that takes 3 s. */
class SlowAuthorizer implements SluiceAuthorizer {
  decide(): Promise<boolean> {
    return new Promise((resolve) => setTimeout(() => resolve(true), 3_000));
  }
}

@Module({ providers: [SlowAuthorizer] })
class SlowModule {}

const hosts: TestHost[] = [];
const services: Server[] = [];

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
  for (const service of services.splice(0)) service.close();
});

async function host(imports: readonly (Type | DynamicModule)[], adapt: (app: INestApplication) => void): Promise<TestHost> {
  const started = await startHost([...imports], adapt);
  hosts.push(started);
  return started;
}

/** A relay whose webhook lets everybody in, each after `time` ms; never, if that is Infinity. */
async function slowRelay(time: number): Promise<DynamicModule> {
  const service = createServer((_request, response) => {
    if (time < Infinity) setTimeout(() => response.end('{"allow":true}'), time);
  });
  services.push(service.listen(0, '127.0.0.1'));
  await once(service, 'listening');
  const accessWebhook = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
  return SluiceModule.forRoot(quiet({ path: '/live', private: true, accessWebhook, accessWebhookSecret: 's'.repeat(32) }));
}

async function logIn(url: string, name: string): Promise<{ Cookie: string }> {
  const answer = await fetch(`${url}/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name, password: `${name}-s-password` }) });
  return { Cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

/** What is the same at each start of the same application. */
const settled = (head: string): string => head.replace(/^(?:Date|Set-Cookie): .*$/gm, '');

/** What the application itself answers, to requests that are right and such as aren't. */
async function answersOf({ url, port }: TestHost): Promise<[string, string][]> {
  const { Cookie } = await logIn(url, 'ana');
  const ask = async (line: string, body = ''): Promise<[string, string]> => {
    const { head, body: text } = await rawRequest(port, [`${line} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', `Cookie: ${Cookie}`, 'Content-Type: application/json', `Content-Length: ${body.length}`], body);
    return [settled(head), text];
  };
  const upgrade = async (path: string): Promise<[string, string]> => {
    const { head, body } = await rawRequest(port, [`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...UPGRADE]);
    return [settled(head), body];
  };
  return [
    await ask('POST /notes', '{"text":"Buy milk"}'),
    await ask('GET /notes/0'),
    await ask('GET /notes/7'),
    await ask('GET /nothing/here'),
    await ask('GET /lives'),
    await ask('POST /notes/broken'),
    await ask('POST /notes', '{"text":'),
    await ask(`GET /notes/${'1'.repeat(60)}`),
    await ask('GET /%zz'),
    await upgrade('/nowhere'),
  ];
}

/** What the gateway of the application answers to a message over `ws`, and over socket.io. */
async function sayOverWs({ wsUrl }: TestHost): Promise<unknown> {
  const socket = new WebSocket(`${wsUrl}/chat`);
  await once(socket, 'open');
  socket.send(JSON.stringify({ event: 'say', data: 'hello' }));
  const [answer] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  await once(socket, 'close');
  return JSON.parse(answer.toString());
}

async function sayOverIo({ url }: TestHost): Promise<unknown> {
  const said: unknown[] = [];
  for (const transport of ['websocket', 'polling']) {
    const socket = io(url, { path: '/chat', transports: [transport] });
    socket.emit('say', 'hello');
    said.push(await new Promise((resolve) => socket.once('said', resolve)));
    socket.disconnect();
  }
  return said;
}

describe.each([
  { platform: 'platform-ws', Adapter: WsAdapter, say: sayOverWs },
  { platform: 'platform-socket.io', Adapter: IoAdapter, say: sayOverIo },
])('the sample of an application, on $platform,', ({ Adapter, say }) => {
  const alone = (app: INestApplication): void => void app.useWebSocketAdapter(new Adapter(app));
  const beside = (app: INestApplication): void => void app.useWebSocketAdapter(withSluice(new Adapter(app)));

  it('answers requests, messages and upgrades of its own as it does without Sluice', async () => {
    const without = await host([HostModule], alone);
    const within = await host([AppModule], beside);
    const [expected, found] = await Promise.all([answersOf(without), answersOf(within)]);
    expect(found).toEqual(expected);
    const bodies = expected.slice(0, 4).map(([, body]) => body);
    expect(bodies).toEqual(['{"number":0}', 'Buy milk', '{"sorry":"There is no note 7"}', '{"sorry":"Cannot GET /nothing/here"}']);
    expect(await say(within)).toEqual(await say(without));
  });

  it('lets in those who have logged in, as far as they may, and answers others by the codes of Sluice', async () => {
    const { url, wsUrl } = await host([AppModule], beside);
    const [ana, ben] = await Promise.all([logIn(url, 'ana'), logIn(url, 'ben')]);
    const publisher = await TestSocket.speaking(`${wsUrl}/live/publish/cam`, ana);
    await publisher.next('ready');
    const { init, fragments } = await sampleMedia();
    await send(publisher, init, ...fragments);
    const viewer = await TestSocket.speaking(`${wsUrl}/live/watch/cam`, ben);
    expect((await viewer.next('init')).mime).toMatch(/^video\/mp4/);
    const refused = await TestSocket.speaking(`${wsUrl}/live/publish/other`, ben);
    expect((await refused.next('error')).code).toBe('not-allowed');
    const stranger = await TestSocket.speaking(`${wsUrl}/live/watch/cam`);
    expect((await stranger.next('error')).code).toBe('not-authenticated');
    expect(await (await fetch(`${url}/live/nothing`)).json()).toMatchObject({ error: { code: 'not-found' } });
    expect((await fetch(`${url}/live/watch/cam`)).status).toBe(200);
    viewer.socket.terminate();
    publisher.socket.terminate();
  });

  it('waits with an upgrade for a slow webhook or authorizer, whatever the adapter does to upgrades that it doesn’t know', async () => {
    const { wsUrl } = await host([HostModule, await slowRelay(SLOW), SlowModule, SluiceModule.forRoot(quiet({ path: '/slow', authorizer: SlowAuthorizer }))], beside);
    const publish = async (path: string): Promise<void> => {
      const publisher = await TestSocket.speaking(`${wsUrl}${path}/publish/cam`);
      await publisher.next('ready');
      publisher.socket.terminate();
    };
    await Promise.all(['/live', '/slow'].map(publish));
  });

  it('says so if the webhook doesn’t answer in time', async () => {
    const { wsUrl } = await host([HostModule, await slowRelay(Infinity)], beside);
    const viewer = await TestSocket.speaking(`${wsUrl}/live/watch/cam`);
    expect((await viewer.next('error')).code).toBe('access-unavailable');
  });
});
