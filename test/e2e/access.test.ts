import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AccessKey, hashKey, makeKey } from '../../src/access/access-key';
import { type Permissions, PERMISSIONS } from '../../src/access/permissions';
import { type Clock, systemClock } from '../../src/relay/clock';
import { ffmpeg } from '../support/ffmpeg';
import { answered, connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { type SampleMedia, sampleMedia } from '../support/sample-media';
import { refusedUpgrade, TestSocket } from '../support/test-socket';

let folder: string;
let relay: TestRelay;
let media: SampleMedia;
const clients: TestSocket[] = [];
const keys = { studio: makeKey(), guest: makeKey(), short: makeKey(), operator: makeKey() };
/** When the short-lived key ends, Unix ms. */
let shortEnds: number;

beforeAll(async () => {
  media = await sampleMedia();
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-access-'));
  shortEnds = Date.now() + 3_600_000;
  const entry = (id: string, key: string, permissions: Partial<Permissions>, expires?: number): AccessKey => ({
    id,
    hash: hashKey(key),
    ...PERMISSIONS.parse(permissions),
    ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
  });
  const file = join(folder, 'keys.json');
  const list = [entry('studio', keys.studio, { publish: ['cam*'] }), entry('guest', keys.guest, { watch: ['cam'] }), entry('operator', keys.operator, { admin: true }), entry('short', keys.short, { publish: ['*'] }, shortEnds)];
  writeFileSync(file, JSON.stringify({ keys: list }));
  relay = await startRelay({ accessRule: { kind: 'keys', file }, private: true }, { clock });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.terminate();
  await relay.close();
  rmSync(folder, { recursive: true });
});

let timers: { due: number; run: () => void }[] = [];
/** The machine's time, but that what falls due after a minute does so when the test says. */
const clock: Clock = {
  ...systemClock,
  after: (ms, run) => {
    if (ms < 60_000) return systemClock.after(ms, run);
    const timer = { due: ms, run };
    timers.push(timer);
    return () => void (timers = timers.filter((other) => other !== timer));
  },
};

async function open(path: string, headers: Record<string, string> = {}): Promise<TestSocket> {
  const socket = await TestSocket.speaking(relay.wsUrl + path, headers);
  clients.push(socket);
  return socket;
}

async function publish(key = keys.studio): Promise<TestSocket> {
  const publisher = await connectPublisher(relay.wsUrl, 'cam', `?token=${key}`);
  clients.push(publisher);
  return publisher;
}

function basic(key: string): string {
  return `Basic ${Buffer.from(`publisher:${key}`).toString('base64')}`;
}

describe('a relay with keys', () => {
  it.each<[string, string]>([
    ['without a key', ''],
    ['with an unknown key', `?token=${makeKey()}`],
  ])('lets nobody publish or watch over a socket %s', async (_what, query) => {
    for (const path of ['/publish/cam', '/watch/cam']) {
      const { status, body } = await refusedUpgrade(relay.wsUrl + path + query);
      expect([status, body.error.code]).toEqual([401, 'not-authenticated']);
      const speaking = await open(path + query);
      expect((await speaking.next('error')).code).toBe('not-authenticated');
      expect((await speaking.closed).code).toBe(4401);
    }
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  it('lets a key do what it permits, and no more', async () => {
    await send(await publish(), media.init, ...media.fragments.slice(0, 3));
    const viewer = await open(`/watch/cam?token=${keys.guest}`);
    await viewer.next('init');
    const byHeader = await open('/watch/cam', { Authorization: `Bearer ${keys.guest}` });
    await byHeader.next('init');
    const byCookie = await open('/watch/cam', { Cookie: `sluice_token=${keys.guest}` });
    await byCookie.next('init');
    for (const path of [`/publish/cam2?token=${keys.guest}`, `/watch/other?token=${keys.guest}`, `/publish/other?token=${keys.studio}`]) {
      const refused = await open(path);
      expect((await refused.next('error')).code).toBe('not-allowed');
      expect((await refused.closed).code).toBe(4403);
    }
  });

  it('asks for one over HTTP, too, and never shows it again', async () => {
    await send(await publish(), media.init, ...media.fragments.slice(0, 3));
    // Of the API a page asks for more than it may, too: a browser would put up its own question for a password.
    for (const [path, challenge] of [['/watch/cam.mp4', 'Basic realm="Sluice", charset="UTF-8"'], ['/api/streams', null]] as const) {
      const refused = await fetch(relay.url + path);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, challenge]);
    }
    const wrong = await fetch(`${relay.url}/publish/other?token=${keys.studio}`, { method: 'PUT', body: new Uint8Array(media.init) });
    const told = await wrong.text();
    expect([wrong.status, told]).toEqual([403, expect.stringContaining('"not-allowed"')]);
    expect(told).not.toContain(keys.studio);
    expect(JSON.stringify(relay.logged)).not.toContain(keys.studio);
    const stop = new AbortController();
    const file = await fetch(`${relay.url}/watch/cam.mp4`, { headers: { Authorization: basic(keys.guest) }, signal: stop.signal });
    expect(file.status).toBe(200);
    stop.abort();
  });

  it('lets those watch over HLS whose key permits it, and tells others nothing that lets them', async () => {
    await send(await publish(), media.init, ...media.fragments);
    const text = async (path: string): Promise<string> => (await fetch(`${relay.url}/hls/cam/${path}`)).text();
    for (const path of ['index.m3u8', 'media.m3u8', `media.m3u8?token=${makeKey()}`]) expect((await fetch(`${relay.url}/hls/cam/${path}`)).status).toBe(401);
    const index = await fetch(`${relay.url}/hls/cam/index.m3u8?segments=1&token=${keys.guest}`);
    expect([index.status, index.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const address = (await index.text()).trim().split('\n').at(-1)!;
    const playlist = await text(address);
    const [, init = ''] = /#EXT-X-MAP:URI="([^"]+)"/.exec(playlist) ?? [];
    expect(init).toMatch(/^[\w-]{22}\/init\d+\.mp4$/);
    const file = await fetch(`${relay.url}/hls/cam/${address.replace(/media\.m3u8.*/, init)}`);
    expect([file.status, file.headers.get('cache-control')]).toEqual([200, 'private, max-age=3600, immutable']);
  });

  it('lists the streams that a key may watch', async () => {
    await send(await publish(), media.init);
    const list = async (key: string): Promise<string[]> => {
      const response = await fetch(`${relay.url}/api/streams`, { headers: { Authorization: `Bearer ${key}` } });
      return ((await response.json()) as { streams: { name: string }[] }).streams.map(({ name }) => name);
    };
    expect(await list(keys.guest)).toEqual(['cam']);
    expect(await list(keys.short)).toEqual(['cam']);
    expect(await list(makeKey())).toEqual([]);
  });

  it('tells its metrics to who may administer it', async () => {
    await refusedUpgrade(`${relay.wsUrl}/watch/cam`);
    const read = (key: string): Promise<Response> => fetch(`${relay.url}/metrics`, { headers: { Authorization: `Bearer ${key}` } });
    expect([(await fetch(`${relay.url}/metrics`)).status, (await read(keys.studio)).status]).toEqual([401, 403]);
    const answer = await read(keys.operator);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(await answer.text()).toContain('sluice_errors_total{code="not-authenticated"}');
  });

  it('takes the key of ffmpeg from its address, and tells it when it has none', async () => {
    const line = (url: string): string[] => ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=10', '-t', '1', '-c:v', 'libx264', '-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', '-method', 'PUT', '-send_expect_100', '1', url];
    const withKey = await ffmpeg(line(`${relay.url.replace('//', `//publisher:${keys.studio}@`)}/publish/cam`));
    expect(withKey.status).toBe(0);
    expect(relay.logged.some(({ message }) => message === 'Publisher has ended')).toBe(true);
    const without = await ffmpeg(line(`${relay.url}/publish/cam`));
    expect(without.status).not.toBe(0);
    expect(without.stderr).toContain('401');
  });
});

describe('a key that expires', () => {
  it('ends the socket of its publisher', async () => {
    const publisher = await publish(keys.short);
    await send(publisher, media.init);
    expect(timers).toHaveLength(1);
    expect(timers[0]!.due).toBeLessThanOrEqual(3_600_000);
    timers[0]!.run();
    expect((await publisher.next('error')).code).toBe('grant-expired');
    expect((await publisher.closed).code).toBe(4401);
  });

  it('ends it not where another key came in time', async () => {
    const publisher = await publish(keys.short);
    publisher.tell({ type: 'token', id: 7, token: makeKey() });
    expect(await publisher.next('error')).toMatchObject({ code: 'not-authenticated', id: 7 });
    expect(timers).toHaveLength(1);
    publisher.tell({ type: 'token', id: 8, token: keys.studio });
    expect((await publisher.next('ok')).id).toBe(8);
    expect(timers).toEqual([]);
    await send(publisher, media.init);
  });

  it('ends the socket of its viewer, and the file of one over HTTP', async () => {
    await send(await publish(), media.init, ...media.fragments.slice(0, 3));
    const viewer = await open(`/watch/cam?token=${keys.short}`);
    await answered(viewer);
    const file = await fetch(`${relay.url}/watch/cam.mp4?token=${keys.short}`);
    expect(timers).toHaveLength(2);
    for (const { run } of [...timers]) run();
    expect((await viewer.closed).code).toBe(4401);
    await expect(file.arrayBuffer()).rejects.toThrow();
  });

  it('leaves no timer behind when its bearer goes', async () => {
    const viewer = await open(`/watch/cam?token=${keys.short}`);
    await answered(viewer);
    expect(timers).toHaveLength(1);
    viewer.socket.terminate();
    await once(viewer.socket, 'close');
    await answered(await open(`/watch/cam?token=${keys.guest}`));
    expect(timers).toEqual([]);
  });
});
