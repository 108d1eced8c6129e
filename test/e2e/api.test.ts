import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { RelayEvent } from '../../src/protocol/api-event';
import type { SourceList } from '../../src/protocol/source-info';
import type { StreamDetail } from '../../src/protocol/stream-detail';
import type { ViewerInfo, ViewerList } from '../../src/protocol/viewer-info';
import { keyRule } from '../support/access-rule';
import { EventReader } from '../support/event-reader';
import { eventually } from '../support/eventually';
import { FakeLink } from '../support/fake-relay';
import { initSegment } from '../support/fake-media';
import { connectPublisher, send } from '../support/publishing';
import { HlsViewer } from '../support/hls-viewer';
import { openPush } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { type SampleMedia, sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;
let media: SampleMedia;
const clients: { close(): void }[] = [];

beforeAll(async () => {
  media = await sampleMedia();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await relay.close();
});

function keep<Client extends { close(): void }>(client: Client): Client {
  clients.push(client);
  return client;
}

async function publish(name = 'cam'): Promise<TestSocket> {
  const publisher = await connectPublisher(relay.wsUrl, name);
  keep(publisher.socket);
  await send(publisher, media.init, ...media.fragments);
  return publisher;
}

async function watch(name = 'cam'): Promise<TestSocket> {
  const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/${name}`);
  keep(viewer.socket);
  await viewer.next('init');
  return viewer;
}

function call(path: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}): Promise<Response> {
  return fetch(`${relay.url}/api/${path}`, { method, headers });
}

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await call(path);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as Answer;
}

/** Status and error code of an answer. */
async function refusal(response: Response | Promise<Response>): Promise<string> {
  const { status, ...answer } = await Promise.resolve(response).then(async (got) => ({ status: got.status, text: await got.text() }));
  const code = answer.text === '' ? '' : ` ${(JSON.parse(answer.text) as { error: { code: string } }).error.code}`;
  return `${status}${code}`;
}

describe('one stream', () => {
  it('is told with its publisher, its timeline, its viewers and how it went', async () => {
    relay = await startRelay();
    const publisher = await publish();
    publisher.tell({ type: 'clock', media: 4, wall: Date.now() - 500 });
    await watch();
    const detail = await eventually('two samples', async () => {
      const told = await ask<StreamDetail>('streams/cam');
      return told.history.length >= 2 && told;
    });
    expect(detail).toMatchObject({ name: 'cam', state: 'live', viewers: 1, tracks: [{ kind: 'video' }, { kind: 'audio' }] });
    expect(detail.publisher).toMatchObject({ transport: 'websocket', address: '127.0.0.1' });
    expect(Math.abs(Date.now() - detail.publisher!.since)).toBeLessThan(60_000);
    expect(detail.publisher?.lag).toBeDefined();
    expect(detail.gop).toBeGreaterThan(0);
    expect(detail.epoch.bytes).toBe(relay.registry.get('cam')?.epoch?.position);
    expect(detail.epoch.heldChunks).toBe(media.fragments.length);
    expect(detail.viewerSummary).toMatchObject({ byTransport: { 'sluice.v1': 1 }, behind: 0, skips: 0 });
  });

  it('says how a push comes', async () => {
    relay = await startRelay();
    const push = openPush(`${relay.url}/publish/cam`);
    keep({ close: () => push.request.destroy() });
    push.request.write(Buffer.concat([media.init, ...media.fragments]));
    const { publisher } = await eventually('the stream', async () => {
      const response = await call('streams/cam');
      return response.ok && ((await response.json()) as StreamDetail);
    });
    expect(publisher).toMatchObject({ transport: 'http', address: '127.0.0.1' });
    expect(publisher?.lag).toBeUndefined();
  });

  it('must be there, by a name that a stream can have', async () => {
    relay = await startRelay();
    expect(await refusal(call('streams/cam'))).toBe('404 no-stream');
    expect(await refusal(call('streams/..%2Fcam'))).toBe('400 bad-name');
    expect(await refusal(call('streams/a.b/viewers'))).toBe('400 bad-name');
    expect(await refusal(call('streams/a%0Ab', { method: 'DELETE' }))).toBe('400 bad-name');
    expect(await refusal(call('streams/cam', { method: 'DELETE' }))).toBe('404 no-stream');
  });

  it('is ended: its publisher and its viewers are told, and it stays away for a while', async () => {
    relay = await startRelay();
    const publisher = await publish();
    const viewer = await watch();
    expect(await refusal(call('streams/cam', { method: 'DELETE' }))).toBe('204');
    expect((await publisher.next('error')).code).toBe('ended-by-operator');
    expect(await publisher.closed).toMatchObject({ code: 4403 });
    expect(await viewer.next('end')).toEqual({ type: 'end', reason: 'ended' });
    const again = await fetch(`${relay.url}/publish/cam`, { method: 'PUT', body: Buffer.from(media.init) });
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(5);
    expect(await refusal(again)).toBe('403 ended-by-operator');
    expect(await refusal(call('streams/cam'))).toBe('404 no-stream');
  });
});

describe('the viewers of a stream', () => {
  it('are listed with what they report', async () => {
    relay = await startRelay();
    await publish();
    const viewer = await watch();
    viewer.tell({ type: 'report', id: 1, latency: 0.25, buffer: 0.1, stalls: 1 });
    await viewer.next('ok');
    const { total, viewers } = await ask<ViewerList>('streams/cam/viewers');
    expect(total).toBe(1);
    expect(viewers[0]).toMatchObject({ transport: 'sluice.v1', address: '127.0.0.1', state: 'open', latency: 0.25, buffer: 0.1, stalls: 1, skips: 0 });
    expect(viewers[0]!.sentBytes).toBeGreaterThan(0);
  });

  it('are disconnected one by one, whatever their door', async () => {
    relay = await startRelay();
    await publish();
    const viewers = [await watch(), await watch()];
    const progressive = await fetch(`${relay.url}/watch/cam.mp4`);
    const overHls = await HlsViewer.open(`${relay.url}/hls/cam/index.m3u8`);
    expect((await overHls.reload()).status).toBe(200);
    expect((await overHls.fetch('init')).status).toBe(200);
    const listed = (await ask<ViewerList>('streams/cam/viewers')).viewers;
    const end = ({ id }: ViewerInfo): Promise<string> => refusal(call(`streams/cam/viewers/${id}`, { method: 'DELETE' }));
    expect(listed.map(({ transport }) => transport)).toEqual(['sluice.v1', 'sluice.v1', 'progressive', 'hls']);
    for (const index of [0, 2, 3]) expect(await end(listed[index]!)).toBe('204');

    expect((await viewers[0]!.next('error')).code).toBe('disconnected');
    expect(await viewers[0]!.closed).toMatchObject({ code: 4403 });
    await expect(progressive.arrayBuffer()).rejects.toThrow();
    expect(await refusal(overHls.reload())).toBe('403 disconnected');
    expect((await ask<ViewerList>('streams/cam/viewers')).viewers.map(({ id }) => id)).toEqual([listed[1]!.id]);
    expect(await end(listed[0]!)).toBe('404 no-viewer');
  });
});

describe('the sources', () => {
  it('are stopped and started again, those that were configured and no others', async () => {
    relay = await startRelay({ demo: true });
    const reader = keep(await EventReader.open(relay.url));
    const post = (path: string, headers: Record<string, string> = {}): Promise<Response> => call(`sources/${path}`, { method: 'POST', headers });
    await reader.next('stream-live');
    const { sources } = await ask<SourceList>('sources');
    expect(sources).toMatchObject([{ name: 'demo', state: 'running', loop: true, restarts: 0 }]);

    expect(await (await post('demo/stop')).json()).toMatchObject({ name: 'demo', state: 'stopped' });
    await reader.next('stream-held');
    expect((await reader.next('source-state')).source.state).toBe('stopped');
    expect(await (await post('demo/start')).json()).toMatchObject({ name: 'demo', state: 'running' });
    expect(await reader.next('stream-live')).toMatchObject({ name: 'demo', resumed: true });

    expect((await call('streams/demo', { method: 'DELETE' })).status).toBe(204);
    expect((await reader.next('stream-ended')).reason).toBe('operator');
    expect((await reader.next('source-state')).source).toMatchObject({ state: 'stopped', message: 'Its stream was ended: start it again when it may go on' });
    await post('demo/start');
    expect(await reader.next('stream-live')).toMatchObject({ name: 'demo', resumed: false });

    expect(await refusal(post('other/start'))).toBe('404 no-source');
    expect(await refusal(post('a.b/start'))).toBe('400 bad-name');
    expect(await refusal(post('demo/burn'))).toBe('404 not-found');
    expect(await refusal(post('demo/stop', { Origin: 'https://evil.example' }))).toBe('403 wrong-origin');
    expect((await ask<SourceList>('sources')).sources[0]?.state).toBe('running');
  });
});

describe('who may ask the API', () => {
  it('is whoever has a key for it; who may only watch is told of streams in short', async () => {
    const { rule, keys, remove } = keyRule({ operator: { admin: true }, guest: { watch: ['cam'] }, studio: { publish: ['*'] } });
    relay = await startRelay({ accessRule: rule, private: true });
    try {
      const publisher = await TestSocket.speaking(`${relay.wsUrl}/publish/cam?token=${keys.studio}`);
      keep(publisher.socket);
      await send(publisher, media.init, ...media.fragments);
      const by = (key: string, path: string, method = 'GET'): Promise<Response> => call(path, { method, headers: { Authorization: `Bearer ${key}` } });

      for (const path of ['streams/cam/viewers', 'events', 'sources', 'refusals']) {
        expect(await refusal(call(path))).toBe('401 not-authenticated');
        expect(await refusal(by(keys.guest, path))).toBe('403 not-allowed');
        expect(await refusal(by(keys.studio, path))).toBe('403 not-allowed');
      }
      expect(await refusal(by(keys.guest, 'streams/cam', 'DELETE'))).toBe('403 not-allowed');
      expect(await refusal(call('streams/cam'))).toBe('401 not-authenticated');
      expect(await refusal(by(keys.guest, 'streams/other'))).toBe('403 not-allowed');
      const short = (await (await by(keys.guest, 'streams/cam')).json()) as object;
      expect(Object.keys(short)).toEqual(['name', 'state', 'mime', 'tracks', 'bitrate', 'viewers', 'since']);
      const whole = (await (await by(keys.operator, 'streams/cam')).json()) as StreamDetail;
      expect(whole.publisher?.address).toBe('127.0.0.1');
      expect(JSON.stringify(whole)).not.toContain(keys.studio);
      expect((await by(keys.operator, 'streams/cam', 'DELETE')).status).toBe(204);
    } finally {
      remove();
    }
  });

  it('is no page of another site, and nobody by a cookie alone', async () => {
    const { rule, keys, remove } = keyRule({ operator: { admin: true } });
    const other = 'https://other.example';
    relay = await startRelay({ accessRule: rule, allowOrigins: [other] });
    try {
      relay.registry.publish('cam', new FakeLink()).init(initSegment());
      const cookie = { Cookie: `sluice_token=${keys.operator}` };
      const end = (headers: Record<string, string>): Promise<string> => refusal(call('streams/cam', { method: 'DELETE', headers }));
      expect(await end({ ...cookie, Origin: 'https://evil.example' })).toBe('403 wrong-origin');
      expect(await end({ ...cookie, Origin: 'null' })).toBe('403 wrong-origin');
      // May read what the relay serves, but not administer it.
      expect(await end({ ...cookie, Origin: other })).toBe('403 wrong-origin');
      expect(await end({ ...cookie })).toBe('403 wrong-origin');
      expect(await end({ ...cookie, 'Sec-Fetch-Site': 'cross-site' })).toBe('403 wrong-origin');
      expect(relay.registry.get('cam')?.live).toBe(true);
      expect(await end({ ...cookie, Authorization: 'Digest x' })).toBe('403 wrong-origin');
      expect(await end({ ...cookie, Origin: relay.url })).toBe('204');
      relay.registry.readmit('cam');
      relay.registry.publish('cam', new FakeLink()).init(initSegment());
      // Nobody has a browser bring the key in the address.
      expect(await refusal(call(`streams/cam?token=${keys.operator}`, { method: 'DELETE', headers: { Cookie: 'theme=dark' } }))).toBe('204');
    } finally {
      remove();
    }
  });

  it('is this machine alone where there is no rule, and no page of another site', async () => {
    relay = await startRelay();
    relay.registry.publish('cam', new FakeLink()).init(initSegment());
    expect(await refusal(call('streams/cam', { method: 'DELETE', headers: { Origin: 'https://evil.example' } }))).toBe('403 wrong-origin');
    expect(await refusal(call('streams/cam', { method: 'DELETE', headers: { 'Sec-Fetch-Site': 'cross-site' } }))).toBe('403 wrong-origin');
    expect(await refusal(call('streams/cam', { method: 'DELETE', headers: { 'X-Forwarded-For': '192.0.2.1' } }))).toBe('403 not-allowed');
    expect(await refusal(call('streams/cam/viewers', { headers: { Via: '1.1 proxy' } }))).toBe('403 not-allowed');
    expect(relay.registry.get('cam')?.live).toBe(true);
  });

  it('asks so often a minute from one address, and no media is counted', async () => {
    relay = await startRelay({ apiRate: 3 });
    relay.registry.publish('cam', new FakeLink()).init(initSegment());
    const answers: string[] = [];
    for (let index = 0; index < 4; index++) answers.push(await refusal(call(index % 2 === 0 ? 'streams/none' : 'streams/cam/viewers/x', { method: index % 2 === 0 ? 'GET' : 'DELETE' })));
    expect(answers).toEqual(['404 no-stream', '404 no-viewer', '404 no-stream', '429 too-many']);
    const refused = await call('streams');
    expect(refused.headers.get('retry-after')).toMatch(/^([1-9]|[1-5]\d|60)$/);
    expect(await refusal(refused)).toBe('429 too-many');
    expect((await fetch(`${relay.url}/hls/none/index.m3u8`)).status).toBe(404);
    expect((await fetch(`${relay.url}/health/live`)).status).toBe(200);
  });

  it.each(['sources', 'refusals', 'events', 'streams/cam/viewers'])('is refused no more often than it may ask, without the grant for %s', async (path) => {
    relay = await startRelay({ apiRate: 3, accessRule: { kind: 'jwt-secret', secret: 'a secret that is long enough to be one', audience: 'sluice' } });
    const statuses: number[] = [];
    for (let index = 0; index < 4; index++) statuses.push((await call(path)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  it.each(['openapi.json', 'docs', 'docs/swagger-ui.css'])('asks for what stands there without a controller no more often: %s', async (path) => {
    relay = await startRelay({ apiRate: 3 });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index++) statuses.push((await call(index === 1 ? 'streams' : path)).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await call(path);
    expect(refused.headers.get('retry-after')).toMatch(/^([1-9]|[1-5]\d|60)$/);
    expect(await refusal(refused)).toBe('429 too-many');
    expect(await refusal(call('streams'))).toBe('429 too-many');
  });

  it('asks as often as it likes where no limit is set', async () => {
    relay = await startRelay({ apiRate: Infinity });
    for (let index = 0; index < 20; index++) expect((await call('streams')).status).toBe(200);
  });
});

describe('the events', () => {
  it('tell what happens, and how things stand', async () => {
    relay = await startRelay();
    const reader = keep(await EventReader.open(relay.url));
    expect(reader.response.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    expect(await reader.next('stats')).toMatchObject({ streams: [], viewers: 0, bytesInPerSecond: 0 });
    const publisher = await publish();
    expect(await reader.next('stream-live')).toMatchObject({ name: 'cam', resumed: false });
    await watch();
    expect(await reader.next('viewers-changed')).toMatchObject({ name: 'cam', joined: 1, left: 0, viewers: 1 });
    await fetch(`${relay.url}/publish/cam`, { method: 'PUT', body: Buffer.from(media.init) });
    expect(await reader.next('publisher-refused')).toMatchObject({ name: 'cam', code: 'name-in-use', address: '127.0.0.1', count: 1 });
    publisher.socket.terminate();
    await reader.next('stream-held');
    await call('streams/cam', { method: 'DELETE' });
    expect(await reader.next('stream-ended')).toMatchObject({ name: 'cam', reason: 'operator' });
    await eventually('stats while it was live', () => reader.events.some((event) => event.type === 'stats' && event.streams.length === 1 && event.bytesInPerSecond > 0));
  });

  it('go on behind the one that was read last', async () => {
    relay = await startRelay();
    const first = keep(await EventReader.open(relay.url));
    const feed = relay.registry.publish('cam', new FakeLink());
    feed.init(initSegment());
    const { id } = await first.next('stream-live');
    first.close();
    feed.lost();
    relay.registry.publish('cam', new FakeLink()).init(initSegment());
    const second = keep(await EventReader.open(relay.url, { 'Last-Event-ID': String(id) }));
    await second.next('stats');
    const types = second.events.slice(0, 3).map((event: RelayEvent) => event.type);
    expect(types).toEqual(['stream-held', 'stream-live', 'stats']);
    expect(second.ids).toEqual([id + 1, id + 2]);
    expect(await refusal(call('events', { headers: { 'Last-Event-ID': '1x' } }))).toBe('400 bad-request');
    expect(await refusal(call('events', { method: 'HEAD' }))).toBe('200');
  });

  it('are told no longer to who doesn’t read them', async () => {
    relay = await startRelay();
    const sent = request(`${relay.url}/api/events`, { agent: false });
    keep({ close: () => void sent.destroy() });
    const response = await new Promise<NodeJS.ReadableStream & { destroyed: boolean }>((resolve) => sent.on('response', (got) => resolve(got)).end());
    const brokenOff = new Promise((resolve) => response.once('error', resolve));
    response.pause();
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 60_000; index++) {
      const feed = relay.registry.publish(`cam${index % 7}`, new FakeLink());
      feed.init(initSegment());
      feed.end();
      // What the system takes, it takes meanwhile.
      if (index % 1_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 << 20);
    response.resume();
    expect(await brokenOff).toMatchObject({ code: 'ECONNRESET' });
  });

  it('are posted to the operator’s address, that of the relay’s stop among them', async () => {
    const posted: string[] = [];
    const server = createServer((message, response) => {
      void text(message).then((body) => posted.push((JSON.parse(body) as RelayEvent).type));
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    relay = await startRelay({ eventsWebhook: { url: new URL(`http://127.0.0.1:${port}/`), secret: 's'.repeat(32) } });
    relay.registry.publish('cam', new FakeLink()).init(initSegment());
    await relay.close();
    server.close();
    expect(posted).toEqual(['stream-live', 'stream-ended']);
  });

  it('end in order where the relay stops', async () => {
    relay = await startRelay();
    const reader = keep(await EventReader.open(relay.url));
    await reader.next('stats');
    relay.registry.publish('cam', new FakeLink()).init(initSegment());
    await relay.close();
    expect(await reader.next('stream-ended')).toMatchObject({ reason: 'restart' });
    await expect(reader.next('stats')).rejects.toThrow('Closed');
  });
});
