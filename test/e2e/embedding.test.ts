import { type ArgumentsHost, BadRequestException, type BeforeApplicationShutdown, Body, type CallHandler, Controller, type DynamicModule, ForbiddenException, Get, Inject, Injectable, Module, Post, VersioningType } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { WebSocketGateway } from '@nestjs/websockets';
import { WsAdapter } from '@nestjs/platform-ws';
import { Test } from '@nestjs/testing';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { map, type Observable } from 'rxjs';
import { type AccessAsk, type AccessDecision, RelayEvents, type SluiceAuthorizer, SluiceModule, Sources, StreamRegistry, withSluice } from 'sluice';
import { WebSocket } from 'ws';
import { start } from '../support/ffmpeg';
import { quiet, startHost, type TestHost } from '../support/host-app';
import { connectPublisher, send } from '../support/publishing';
import { openRaw, rawRequest, UPGRADE } from '../support/raw-request';
import type { LogLine } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

const hosts: TestHost[] = [];

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()));
});

async function host(...args: Parameters<typeof startHost>): Promise<TestHost> {
  const started = await startHost(...args);
  hosts.push(started);
  return started;
}

async function codeAt(url: string, init?: RequestInit): Promise<string> {
  const answer = (await (await fetch(url, init)).json()) as { error: { code: string } };
  return answer.error.code;
}

@Controller('cats')
class CatsController {
  @Get()
  list(): string[] {
    return ['Tom'];
  }

  @Post()
  add(@Body() body: unknown): unknown {
    return body;
  }
}

@Module({ controllers: [CatsController] })
class CatsModule {}

describe('a relay in a Nest application', () => {
  it('takes and sends media below its path: by sockets, as a file and as HLS', async () => {
    const { url, wsUrl, app } = await host([SluiceModule.forRoot(quiet({ demo: true }))]);
    const viewer = await TestSocket.speaking(`${wsUrl}/live/watch/demo`);
    expect((await viewer.next('init')).mime).toMatch(/^video\/mp4/);
    const abort = new AbortController();
    expect((await fetch(`${url}/live/watch/demo.mp4`, { signal: abort.signal })).status).toBe(200);
    abort.abort();
    const index = await fetch(`${url}/live/hls/demo/index.m3u8`);
    const [, media = ''] = /^([^#\s]+media\.m3u8.*)$/m.exec(await index.text()) ?? [];
    const playlist = await (await fetch(new URL(media, index.url))).text();
    const [, map = ''] = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist) ?? [];
    const file = new URL(map, new URL(media, index.url));
    expect(file.pathname).toMatch(/^\/live\/hls\/demo\//);
    expect((await fetch(file)).status).toBe(200);
    expect(app.get(StreamRegistry, { strict: false }).get('demo')?.viewers).toBeGreaterThanOrEqual(1);
    viewer.socket.terminate();
  });

  it('takes a push by HTTP, also from a client that waits for "100 Continue"', async () => {
    const { port, app } = await host([SluiceModule.forRoot(quiet())]);
    const { init, fragments } = await sampleMedia();
    const body = Buffer.concat([init, ...fragments]);
    const answer = await rawRequest(port, ['PUT /live/publish/cam HTTP/1.1', 'Host: 127.0.0.1', 'Expect: 100-continue', `Content-Length: ${body.length}`, 'Connection: close'], body);
    expect(answer.head).toBe('HTTP/1.1 100 Continue');
    expect(answer.body).toMatch(/^HTTP\/1\.1 20/);
    expect(app.get(StreamRegistry).totals.receivedBytes).toBeGreaterThan(init.length);
  });

  it('has pages, scripts, samples, API and their description below its path', async () => {
    const { url } = await host([SluiceModule.forRoot(quiet({ path: '/tv/live' }))]);
    const page = await fetch(`${url}/tv/live/watch/cam`);
    expect(page.status).toBe(200);
    const html = await page.text();
    const [, base = ''] = /<base href="([^"]+)"/.exec(html) ?? [];
    const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(html) ?? [];
    const address = new URL(script, new URL(base, page.url));
    expect(address.pathname).toMatch(/^\/tv\/live\/player\//);
    expect((await fetch(address)).status).toBe(200);
    expect(await (await fetch(`${url}/tv/live/api/streams`)).json()).toEqual({ streams: [] });
    expect(await (await fetch(`${url}/tv/live/api/openapi.json`)).json()).toMatchObject({ servers: [{ url: '/tv/live' }] });
    expect((await fetch(`${url}/tv/live/api/docs`)).status).toBe(200);
    expect((await fetch(`${url}/tv/live/health/ready`)).status).toBe(200);
    const samples = await fetch(`${url}/tv/live/samples/embed`);
    expect(new URL(samples.url).pathname).toBe('/tv/live/samples/embed/');
    expect(await codeAt(`${url}/tv/live/no/such/page`)).toBe('not-found');
  });

  it('leads from its path to the same with a slash, which its pages are relative to', async () => {
    const { url } = await host([SluiceModule.forRoot(quiet({ path: '/tv/live/' }))]);
    const answer = await fetch(`${url}/tv/live?token=k`, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, 'live/?token=k']);
    expect(new URL((await fetch(`${url}/tv/live`)).url).pathname).toBe('/tv/live/');
  });

  it('answers what it can’t read or take by its own codes, whatever the target looks like', async () => {
    const { url, port } = await host([SluiceModule.forRoot(quiet())]);
    const raw = async (...lines: string[]): Promise<string | undefined> => (await rawRequest(port, [...lines, 'Connection: close'])).code;
    expect(await raw('GET /live/watch/%zz HTTP/1.1', 'Host: 127.0.0.1')).toBe('bad-request');
    expect(await raw('GET http://127.0.0.1/live/nothing HTTP/1.1', 'Host: 127.0.0.1')).toBe('not-found');
    expect(await raw('GET http://other/live/watch/cam HTTP/1.1', 'Host: 127.0.0.1')).toBe('bad-request');
    expect(await raw('GET /live/watch/cam HTTP/1.1', 'Host: evil.example')).toBe('wrong-host');
    expect(await raw('GET /live/watch/cam HTTP/1.1', 'Host: 127.0.0.1', 'Expect: wonders')).toBe('bad-request');
    expect((await rawRequest(port, ['GET /live/nowhere HTTP/1.1', 'Host: 127.0.0.1', ...UPGRADE])).code).toBe('not-found');
    expect(await codeAt(`${url}/live/publish/a.name`, { method: 'PUT', body: 'x' })).toBe('bad-name');
    expect((await rawRequest(port, ['PUT /live/publish/cam HTTP/1.1', 'Host: 127.0.0.1'], 'GET / HTTP/1.1\r\n\r\n')).code).toBe('length-required');
    const answer = await fetch(`${url}/live/`);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(answer.headers.get('x-powered-by')).toBeNull();
  });

  it('says in an error which address is right, with its path', async () => {
    const { url, wsUrl } = await host([SluiceModule.forRoot(quiet())]);
    const { init, fragments } = await sampleMedia();
    const publisher = await connectPublisher(`${wsUrl}/live`, 'cam');
    await send(publisher, init, ...fragments);
    expect(await (await fetch(`${url}/live/watch/cam.webm`)).text()).toContain('it is at /live/watch/cam.mp4');
    expect(await (await fetch(`${url}/live/nothing`)).text()).toContain('/live/nothing');
    publisher.socket.terminate();
  });

  it('hears of nothing that is global in the application, nor does the application of anything of the relay’s', async () => {
    const globals = (app: NestExpressApplication): void => {
      app.setGlobalPrefix('site');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      app.enableCors({ origin: '*' });
      app.useBodyParser('raw', { type: '*/*', limit: 10 });
      app.use((_request: IncomingMessage, response: { setHeader(name: string, value: string): void }, next: () => void) => {
        response.setHeader('X-Host', 'yes');
        next();
      });
      app.useGlobalPipes({ transform: () => { throw new BadRequestException('No parameters here'); } });
      app.useGlobalGuards({ canActivate: () => { throw new ForbiddenException('Nobody may'); } });
      app.useGlobalInterceptors({ intercept: (_context: unknown, next: CallHandler): Observable<unknown> => next.handle().pipe(map((data: unknown) => ({ data }))) });
      const teapot = (at: ArgumentsHost): void => at.switchToHttp().getResponse<{ status(code: number): { json(body: unknown): void } }>().status(418).json({ host: 'teapot' });
      app.useGlobalFilters({ catch: (_thrown: unknown, at: ArgumentsHost) => teapot(at) });
    };
    const { url, wsUrl, port } = await host([CatsModule, SluiceModule.forRoot(quiet({ requestRate: 0 }))], globals);
    const streams = await fetch(`${url}/live/api/streams`);
    expect(await streams.json()).toEqual({ streams: [] });
    expect([streams.headers.get('x-host'), streams.headers.get('access-control-allow-origin')]).toEqual([null, null]);
    expect(await codeAt(`${url}/live/api/streams/cam`)).toBe('no-stream');
    expect(await codeAt(`${url}/live/nothing`)).toBe('not-found');
    const { init, fragments } = await sampleMedia();
    const pushed = await fetch(`${url}/live/publish/pushed`, { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: Buffer.concat([init, ...fragments]) });
    expect(pushed.ok).toBe(true);
    (await connectPublisher(`${wsUrl}/live`, 'cam')).socket.terminate();

    const cats = await fetch(`${url}/site/v1/cats`);
    expect([cats.status, await cats.json(), cats.headers.get('x-host'), cats.headers.get('content-security-policy'), cats.headers.get('x-request-id')]).toEqual([418, { host: 'teapot' }, 'yes', null, null]);
    expect((await fetch(`${url}/lively`)).status).toBe(418);
    expect((await rawRequest(port, ['GET /LIVE/ HTTP/1.1', 'Host: evil.example', 'Connection: close'])).status).toBe(418);
  });

  it('leaves ordinary requests of the application as they are that ask for another protocol, or expect something', async () => {
    const ask = async (imports: Parameters<typeof startHost>[0]): Promise<unknown[]> => {
      const { port } = await host(imports);
      const raw = (lines: string[], body = ''): Promise<unknown> => rawRequest(port, [...lines, 'Host: 127.0.0.1', 'Content-Type: application/json'], body).then(({ head, body: text }) => [head.replace(/^Date: .*$/m, ''), text]);
      return [
        await raw(['GET /cats HTTP/1.1', 'Connection: close, Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk']),
        await raw(['POST /cats HTTP/1.1', 'Connection: close, Upgrade', 'Upgrade: h2c', 'Content-Length: 12'], '{"name":"T"}'),
        await raw(['GET /cats HTTP/1.1', 'Connection: close, Upgrade', 'Upgrade: websocket']),
        await raw(['POST /cats HTTP/1.1', 'Connection: close', 'Expect: 100-continue', 'Content-Length: 12'], '{"name":"T"}'),
        await raw(['GET /cats HTTP/1.1', 'Connection: close', 'Expect: wonders']),
      ];
    };
    const without = await ask([CatsModule]);
    expect(without[0]).toEqual([expect.stringContaining('HTTP/1.1 200'), '["Tom"]']);
    expect(await ask([CatsModule, SluiceModule.forRoot(quiet())])).toEqual(without);
  });

  it('gives the application its streams, its events and its sources', async () => {
    @Injectable()
    class Watcher {
      readonly seen: string[] = [];

      constructor(
        readonly registry: StreamRegistry,
        readonly sources: Sources,
        @Inject(RelayEvents) events: RelayEvents,
      ) {
        events.listen((event) => this.seen.push(event.type));
      }
    }
    @Module({ imports: [SluiceModule.forRoot(quiet())], providers: [Watcher] })
    class WatcherModule {}

    const { wsUrl, app } = await host([WatcherModule]);
    const watcher = app.get(Watcher, { strict: false });
    const { init, fragments } = await sampleMedia();
    const publisher = await connectPublisher(`${wsUrl}/live`, 'cam');
    await send(publisher, init, ...fragments);
    expect(watcher.registry.list()).toMatchObject([{ name: 'cam' }]);
    expect(watcher.sources.list()).toEqual([]);
    expect(watcher.seen).toContain('stream-live');
    publisher.socket.terminate();
  });

  it('takes its options from a factory, with what is injected', async () => {
    @Module({ providers: [{ provide: 'WHERE', useValue: '/tv' }], exports: ['WHERE'] })
    class SettingsModule {}

    const { url } = await host([SluiceModule.forRootAsync({ imports: [SettingsModule], inject: ['WHERE'], useFactory: (path: string) => Promise.resolve(quiet({ path })) })]);
    expect((await fetch(`${url}/tv/api/streams`)).status).toBe(200);
    expect((await fetch(`${url}/live/api/streams`)).status).toBe(404);
  });

  it('can be there twice below two paths, each with streams of its own, and in two applications of a process', async () => {
    const two = await host([SluiceModule.forRoot(quiet({ path: '/a' })), SluiceModule.forRoot(quiet({ path: '/a/b' }))]);
    const other = await host([SluiceModule.forRoot(quiet({ path: '/a' }))]);
    const publisher = await connectPublisher(`${two.wsUrl}/a/b`, 'cam');
    const { init, fragments } = await sampleMedia();
    await send(publisher, init, ...fragments);
    const names = async (url: string): Promise<string[]> => ((await (await fetch(`${url}/api/streams`)).json()) as { streams: { name: string }[] }).streams.map(({ name }) => name);
    expect([await names(`${two.url}/a`), await names(`${two.url}/a/b`), await names(`${other.url}/a`)]).toEqual([[], ['cam'], []]);
    publisher.socket.terminate();
  });
});

describe('the authorizer of an application', () => {
  @Injectable()
  class Members implements SluiceAuthorizer {
    static answer: (ask: AccessAsk) => AccessDecision | boolean | Promise<AccessDecision | boolean> = () => true;
    readonly asked: AccessAsk[] = [];

    decide(ask: AccessAsk): AccessDecision | boolean | Promise<AccessDecision | boolean> {
      this.asked.push(ask);
      return Members.answer(ask);
    }
  }
  @Module({ providers: [Members] })
  class MembersModule {}
  const withMembers = (lines: LogLine[] = []): [typeof MembersModule, DynamicModule] => [MembersModule, SluiceModule.forRoot(quiet({ authorizer: Members }, lines))];

  it('decides by the request itself who may publish, watch and administer', async () => {
    Members.answer = ({ action, request }) => (request.headers.cookie === 'user=ana' ? { allow: action !== 'admin', who: 'ana' } : { allow: false, authenticated: false });
    const { url, wsUrl, app } = await host(withMembers());
    const cookie = { Cookie: 'user=ana' };
    const publisher = await TestSocket.speaking(`${wsUrl}/live/publish/cam`, cookie);
    await publisher.next('ready');
    const { init, fragments } = await sampleMedia();
    await send(publisher, init, ...fragments);
    await (await TestSocket.speaking(`${wsUrl}/live/watch/cam`, cookie)).next('init');
    const stranger = await TestSocket.speaking(`${wsUrl}/live/watch/cam`);
    expect((await stranger.next('error')).code).toBe('not-authenticated');
    expect(await codeAt(`${url}/live/hls/cam/index.m3u8`)).toBe('not-authenticated');
    expect(await codeAt(`${url}/live/api/refusals`, { headers: cookie })).toBe('not-allowed');
    const list = await fetch(`${url}/live/api/streams?token=shown`, { headers: cookie });
    expect(await list.json()).toMatchObject({ streams: [{ name: 'cam' }] });
    expect(app.get(Members, { strict: false }).asked.at(-1)).toMatchObject({ action: 'watch', name: 'cam', credential: 'shown', address: '127.0.0.1' });
  });

  it('may end a grant, which disconnects whoever it was given to', async () => {
    Members.answer = ({ action }) => ({ allow: true, ...(action === 'watch' && { expiresAt: Date.now() + 300 }) });
    const { wsUrl } = await host(withMembers());
    const viewer = await TestSocket.speaking(`${wsUrl}/live/watch/cam`);
    expect((await viewer.next('error')).code).toBe('grant-expired');
  });

  it.each([
    ['refuses', () => false, 'not-allowed'],
    ['throws Nest’s ForbiddenException', () => { throw new ForbiddenException(); }, 'not-allowed'],
    ['fails', () => { throw new Error('The database is down'); }, 'access-unavailable'],
  ])('that %s lets nobody in', async (_what, answer, code) => {
    Members.answer = answer;
    const lines: LogLine[] = [];
    const { url } = await host(withMembers(lines));
    expect(await codeAt(`${url}/live/watch/cam.mp4`)).toBe(code);
    const told = lines.filter(({ level }) => level === 'error').map(({ fields }) => (fields['err'] as Error).message);
    expect(told).toEqual(code === 'access-unavailable' ? ['The database is down'] : []);
  });
});

describe('an application', () => {
  it.each<[string, () => DynamicModule, string]>([
    ['an option of the server', () => SluiceModule.forRoot({ port: 80 } as never), 'Cannot use "port" in a module: the server is the host\'s'],
    ['an option that there isn’t', () => SluiceModule.forRoot({ colour: 'red' } as never), 'Unknown option "colour" of SluiceModule'],
    ['a value that can’t be', () => SluiceModule.forRoot({ maxViewers: -1 }), 'Cannot use "maxViewers": -1: it must be a whole number from 0 to 1000000'],
    ['a path that is none', () => SluiceModule.forRoot({ path: 'live/../x' }), 'Cannot mount Sluice at "live/../x"'],
    ['an authorizer that nobody provides', () => SluiceModule.forRoot(quiet({ authorizer: 'NOBODY' })), 'Cannot ask the authorizer NOBODY: provide it in a module'],
    ['an authorizer beside another rule', () => SluiceModule.forRoot(quiet({ authorizer: 'NOBODY', keys: 'keys.json' })), 'Cannot go by an "authorizer" and another rule of access'],
    ['the path of another relay', () => SluiceModule.forRoot(quiet({ path: '/taken' })), 'Cannot mount Sluice at "/taken" twice'],
  ])('doesn’t start with %s', async (_what, make, message) => {
    const starting = async (): Promise<TestHost> => host([SluiceModule.forRoot(quiet({ path: '/taken' })), make()]);
    await expect(starting()).rejects.toThrow(message);
  });

  it('doesn’t start on another HTTP adapter', async () => {
    class FastifyAdapter extends ExpressAdapter {
      override getType(): string {
        return 'fastify';
      }
    }
    const module = await Test.createTestingModule({ imports: [SluiceModule.forRoot(quiet())] }).compile();
    const app = module.createNestApplication(new FastifyAdapter());
    app.useLogger(false);
    await expect(app.init()).rejects.toThrow('Cannot mount Sluice in an application on "fastify": make it with NestFactory.create(AppModule), which is on @nestjs/platform-express');
  });

  it.each(['/live/chat', 'live/chat', '//live//chat'])('doesn’t start with a gateway of its own below the path of the relay: %s', async (path) => {
    @WebSocketGateway({ path })
    class ChatGateway {}
    @Module({ providers: [ChatGateway] })
    class ChatModule {}
    const starting = host([ChatModule, SluiceModule.forRoot(quiet())], (app) => void app.useWebSocketAdapter(withSluice(new WsAdapter(app))));
    await expect(starting).rejects.toThrow('a gateway of the application at "/live/chat" would hear of nothing');
  });

  it('without a server has a relay that does nothing, and closes', async () => {
    const module = await Test.createTestingModule({ imports: [SluiceModule.forRoot(quiet({ demo: true }))] }).compile();
    module.useLogger(false);
    await module.init();
    expect(module.get(StreamRegistry, { strict: false }).list()).toEqual([]);
    expect(module.get(Sources, { strict: false }).list()).toEqual([]);
    await module.close();
  });

  it('that closes tells viewers and readers, and ends in time though some don’t read', async () => {
    const started = await startHost([SluiceModule.forRoot(quiet())]);
    const { url, wsUrl, port } = started;
    const { init, fragments } = await sampleMedia();
    const publisher = await connectPublisher(`${wsUrl}/live`, 'cam');
    await send(publisher, init, ...fragments);
    const viewer = await TestSocket.speaking(`${wsUrl}/live/watch/cam`);
    const deaf = openRaw(port);
    deaf.write(`GET /live/watch/cam HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE.join('\r\n')}\r\n\r\n`);
    await once(deaf, 'data');
    deaf.pause();
    const events = await fetch(`${url}/live/api/events`);
    const file = await fetch(`${url}/live/watch/cam.mp4`);
    await started.close();
    expect((await viewer.next('end')).reason).toBe('restart');
    expect(await events.text()).toContain('stream-live');
    expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(init.length);
    deaf.destroy();
  });

  it('that goes on with other work when the relay has stopped lets nobody in again, and ends', async () => {
    const drained = new AbortController();
    @Module({})
    class DrainingModule implements BeforeApplicationShutdown {
      async beforeApplicationShutdown(): Promise<void> {
        await once(drained.signal, 'abort');
      }
    }
    // Nest asks the module that was imported last first.
    const started = await startHost([DrainingModule, SluiceModule.forRoot(quiet())]);
    const { url, wsUrl, port } = started;
    const first = await fetch(`${url}/live/api/events`);
    const closed = started.close();
    await first.text();
    const events = await fetch(`${url}/live/api/events`);
    expect([events.status, ((await events.json()) as { error: { code: string } }).error.code]).toEqual([503, 'restarting']);
    const push = await rawRequest(port, ['PUT /live/publish/cam HTTP/1.1', 'Host: 127.0.0.1', 'Transfer-Encoding: chunked']);
    expect([push.status, push.body]).toEqual([503, expect.stringContaining('"restarting"')]);
    const socket = new WebSocket(`${wsUrl}/live/watch/cam`);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(503);
    response.destroy();
    drained.abort();
    await closed;
  });

  it('that was built, and imports the package by its name, ends its process when it has closed', async () => {
    const { status, stdout, stderr } = await start(process.execPath, [require.resolve('../support/embedding-host.cjs')], { ...process.env, NODE_ENV: 'production' }).ended;
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'live\nclosed\n', stderr: '' });
  });
});

describe('a viewer that asks for another protocol than WebSocket', () => {
  it('gets the page, as by an ordinary request', async () => {
    const { port } = await host([SluiceModule.forRoot(quiet())]);
    const answer = await rawRequest(port, ['GET /live/api/streams HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close, Upgrade', 'Upgrade: h2c']);
    expect([answer.status, answer.body]).toEqual([200, '{"streams":[]}']);
  });

  it('and sockets that aren’t let in are answered by a coded error', async () => {
    const { wsUrl } = await host([SluiceModule.forRoot(quiet())]);
    const socket = new WebSocket(`${wsUrl}/live/watch/a.name`);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(400);
    response.destroy();
  });
});
