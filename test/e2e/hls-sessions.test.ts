import { SignJWT } from 'jose';
import type { ViewerList } from '../../src/protocol/viewer-info';
import { keyRule } from '../support/access-rule';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fake-clock';
import { HlsViewer } from '../support/hls-viewer';
import { connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia, type SampleMedia } from '../support/sample-media';
import type { TestSocket } from '../support/test-socket';

const SECRET = 'a secret of at least 32 characters';
/** Something that looks like a session, and was made by nobody. */
const INVENTED = 'x'.repeat(44);

let relay: TestRelay;
let media: SampleMedia;
let publisher: TestSocket;
let clock: FakeClock;

beforeAll(async () => {
  media = await sampleMedia();
});

afterEach(async () => {
  publisher.socket.terminate();
  await relay.close();
});

/** A relay with a stream of four seconds that goes on. */
async function live(options: Parameters<typeof startRelay>[0] = {}, query = ''): Promise<void> {
  clock = new FakeClock();
  relay = await startRelay(options, { clock });
  publisher = await connectPublisher(relay.wsUrl, 'cam', query);
  await send(publisher, media.init, ...media.fragments.slice(0, -20));
}

/** The same, which only those may watch who have a token. */
async function livePrivate(options: Parameters<typeof startRelay>[0] = {}): Promise<void> {
  clock = new FakeClock();
  await live({ accessRule: { kind: 'jwt-secret', secret: SECRET, audience: 'sluice' }, private: true, ...options }, `?token=${await token({ publish: ['cam'] }, 3_600)}`);
}

/** A token that ends in so many seconds. */
function token(claims: object, seconds: number): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('sluice')
    .setExpirationTime(Math.floor(clock.wall() / 1000) + seconds)
    .sign(new TextEncoder().encode(SECRET));
}

/** Somebody who watches, and has fetched something, by a token that ends in so many seconds. */
async function watching({ query = '', seconds }: { query?: string; seconds?: number } = {}): Promise<HlsViewer> {
  const brought = seconds === undefined ? query : `?token=${await token({ watch: ['cam'] }, seconds)}`;
  const viewer = await HlsViewer.open(`${relay.url}/hls/cam/index.m3u8${brought}`);
  await viewer.reload();
  await bytes(await viewer.fetch('part'));
  return viewer;
}

async function bytes(response: Response): Promise<number> {
  expect(response.status).toBe(200);
  return (await response.arrayBuffer()).byteLength;
}

/** The code of a refusal, and whether a browser would ask for a password. */
async function refusal(response: Response): Promise<string> {
  expect(response.headers.get('www-authenticate') ?? '').not.toContain('Basic');
  return ((await response.json()) as { error: { code: string } }).error.code;
}

function viewers(): number {
  return relay.registry.get('cam')!.viewers;
}

describe('a session', () => {
  it('holds no seat before it has fetched media, and one from then on until 12 s after its last request', async () => {
    await live();
    const index = `${relay.url}/hls/cam/index.m3u8`;
    const [viewer] = await Promise.all([HlsViewer.open(index), HlsViewer.open(index)]);
    for (let count = 0; count < 3; count++) await viewer.reload();
    expect(viewers()).toBe(0);
    for (const kind of ['init', 'segment', 'part'] as const) await bytes(await viewer.fetch(kind));
    expect(viewers()).toBe(1);
    clock.pass(8_000);
    await bytes(await viewer.fetch('part'));
    clock.pass(8_000);
    expect(viewers()).toBe(1);
    clock.pass(5_000);
    expect(viewers()).toBe(0);
  });

  it('is refused media, in words that say what to do, where there is no seat', async () => {
    await live({ maxViewersPerStream: 1 });
    const index = `${relay.url}/hls/cam/index.m3u8`;
    const [first, second] = await Promise.all([HlsViewer.open(index), HlsViewer.open(index)]);
    for (const viewer of [first, second]) await viewer.reload();
    await bytes(await first.fetch('part'));
    const refused = await second.fetch('part');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '10']);
    expect(await refused.json()).toEqual({ error: { code: 'full', message: expect.stringContaining('--max-viewers-per-stream') as string, remedy: expect.any(String) as string } });
    expect(await refusal(await second.reload())).toBe('full');
    await bytes(await first.fetch('part'));
    clock.pass(14_000);
    await bytes(await second.fetch('part'));
  });

  it('that was made up counts as none: all of an address are one viewer, and are served', async () => {
    await live({ maxViewers: 2 });
    for (let count = 0; count < 300; count++) {
      const name = INVENTED.slice(String(count).length) + String(count);
      const viewer = HlsViewer.at(`${relay.url}/hls/cam/${name}/media.m3u8`);
      expect((await viewer.reload()).status).toBe(200);
      if (count % 10 === 0) await bytes(await viewer.fetch('part'));
      expect((await fetch(`${relay.url}/hls/cam/media.m3u8?segments=1&session=${name}`)).status).toBe(200);
    }
    expect(viewers()).toBe(1);
    await watching();
    expect(viewers()).toBe(2);
  });

  it('is the same for who brings it to the multivariant playlist, and another for who brings none that the relay made', async () => {
    await live();
    const viewer = await watching();
    const session = viewer.address.pathname.split('/')[3]!;
    expect((await watching({ query: `?session=${session}` })).address.href).toBe(viewer.address.href);
    expect(viewers()).toBe(1);
    for (const other of [INVENTED, 'mine', 'a"b', '../x', 'x'.repeat(5_000)]) {
      expect((await watching({ query: `?session=${encodeURIComponent(other)}` })).address.pathname).toMatch(/^\/hls\/cam\/[\w-]{44}\/media\.m3u8$/);
    }
    expect(viewers()).toBe(6);
  });

  it('of a relay that has restarted goes on with what plays', async () => {
    await live();
    const viewer = await watching();
    publisher.socket.terminate();
    await relay.close();
    await live({ port: relay.port });
    expect((await viewer.reload()).status).toBe(200);
    for (const kind of ['init', 'segment', 'part'] as const) await bytes(await viewer.fetch(kind));
    expect(viewers()).toBe(1);
  });

  it('that is disconnected is served nothing any more, and what is held for it is ended', async () => {
    await live();
    const viewer = await watching();
    const held = await hold(viewer);
    const { viewers: listed } = (await (await fetch(`${relay.url}/api/streams/cam/viewers`)).json()) as ViewerList;
    expect((await fetch(`${relay.url}/api/streams/cam/viewers/${listed[0]!.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await held()).toEqual(['disconnected', 'disconnected']);
    for (const kind of ['init', 'segment', 'part'] as const) expect(await refusal(await viewer.fetch(kind))).toBe('disconnected');
    expect(await refusal(await viewer.reload())).toBe('disconnected');
    expect(viewers()).toBe(0);
    await watching();
  });
});

/** Lets a viewer wait for the next playlist and the next part. Gives what becomes of both. */
async function hold(viewer: HlsViewer): Promise<() => Promise<string[]>> {
  const part = fetch(viewer.listed('part').at(-1)!);
  // What earlier requests waited for has been given up by now.
  for (let count = 0; count < 3; count++) await fetch(`${relay.url}/health/live`);
  const { pending } = clock;
  const playlist = viewer.reloadLater();
  await eventually('the playlist is waited for', () => clock.pending > pending);
  return async () => [await refusal(await playlist), await refusal(await part)];
}

describe('a private stream over HLS', () => {
  it('gives media only to sessions that it made, and for no other stream', async () => {
    await livePrivate();
    const viewer = await watching({ seconds: 60 });
    for (const kind of ['init', 'segment', 'part'] as const) {
      const [address = ''] = viewer.listed(kind);
      const response = await fetch(address);
      expect(response.headers.get('cache-control')).toBe('private, max-age=3600, immutable');
      await bytes(response);
      const session = viewer.address.pathname.split('/')[3]!;
      for (const other of [address.replace(`/${session}`, ''), address.replace(session, INVENTED), address.replace(session, 'mine')]) {
        const refused = await fetch(other);
        expect([refused.status, await refusal(refused)]).toEqual([403, 'no-session']);
      }
    }
    const foreign = await token({ watch: ['other'] }, 60);
    expect((await fetch(`${relay.url}/hls/cam/index.m3u8?token=${foreign}`)).status).toBe(403);
  });

  it('gives nothing once the grant has ended, whatever is counted up', async () => {
    await livePrivate();
    const viewer = await watching({ seconds: 30 });
    clock.pass(29_999);
    await bytes(await viewer.fetch('part'));
    clock.pass(1);
    await send(publisher, ...media.fragments.slice(-20));
    const [newest = ''] = viewer.listed('part').slice(-1);
    for (let ahead = 0; ahead < 5; ahead++) {
      const refused = await fetch(newest.replace(/p(\d+)\.m4s$/, (_, number) => `p${Number(number) + ahead}.m4s`));
      expect([refused.status, await refusal(refused)]).toEqual([401, 'grant-expired']);
    }
    for (const kind of ['init', 'segment'] as const) expect(await refusal(await viewer.fetch(kind))).toBe('grant-expired');
    clock.pass(1_000);
    expect(viewers()).toBe(0);
  });

  it('gives nothing a minute after its last playlist, where the grant has no end', async () => {
    const { rule, keys, remove } = keyRule({ camera: { publish: ['cam'] }, guest: { watch: ['cam'] } });
    await live({ accessRule: rule, private: true }, `?token=${keys.camera}`);
    remove();
    const viewer = await watching({ query: `?token=${keys.guest}` });
    for (let second = 0; second < 70; second += 10) {
      clock.pass(10_000);
      await viewer.reload();
      await bytes(await viewer.fetch('init'));
    }
    for (let second = 10; second < 60; second += 10) {
      clock.pass(10_000);
      await bytes(await viewer.fetch('init'));
    }
    clock.pass(10_000);
    expect(await refusal(await viewer.fetch('init'))).toBe('grant-expired');
    await viewer.reload();
    await bytes(await viewer.fetch('init'));
  });

  it('ends what is held when the grant ends', async () => {
    await livePrivate();
    const viewer = await watching({ seconds: 5 });
    const held = await hold(viewer);
    clock.pass(5_000);
    expect(await held()).toEqual(['grant-expired', 'grant-expired']);
  });

  it('goes on for a viewer whose grant is renewed, as by a cookie', async () => {
    await livePrivate();
    const viewer = await watching({ seconds: 20 });
    clock.pass(8_000);
    await viewer.reload();
    clock.pass(8_000);
    viewer.address.searchParams.set('token', await token({ watch: ['cam'] }, 60));
    await viewer.reload();
    clock.pass(10_000);
    await bytes(await viewer.fetch('part'));
    await viewer.reload();
    await bytes(await viewer.fetch('part'));
    // Nobody remembers it any more: its addresses are made anew.
    clock.pass(20_000);
    await viewer.reload();
    await bytes(await viewer.fetch('part'));
    expect(viewers()).toBe(1);
  });

  it('counts as one for the rate of requests for as long as it goes on, though its address was signed for a minute', async () => {
    await livePrivate({ requestRate: 1 });
    const viewer = await watching({ seconds: 3_600 });
    for (let second = 0; second < 90; second += 10) {
      clock.pass(10_000);
      await bytes(await viewer.reload());
    }
    // Twenty of them cost as much as one request without a session, of which ten may come at once.
    for (let count = 0; count < 30; count++) await bytes(await viewer.reload());
  });

  it('is served to who opens its media playlist without a session, as one viewer of that key and address', async () => {
    await livePrivate();
    const address = `${relay.url}/hls/cam/media.m3u8?token=${await token({ watch: ['cam'] }, 60)}`;
    for (let count = 0; count < 3; count++) {
      const viewer = HlsViewer.at(address);
      expect((await viewer.reload()).status).toBe(200);
      for (const kind of ['init', 'segment', 'part'] as const) await bytes(await viewer.fetch(kind));
    }
    expect(viewers()).toBe(1);
    clock.pass(60_000);
    const late = HlsViewer.at(address);
    await late.reload().catch(() => undefined);
    expect(viewers()).toBe(0);
  });

  it('goes on by itself after the relay has restarted', async () => {
    await livePrivate();
    const viewer = await watching({ seconds: 60 });
    publisher.socket.terminate();
    await relay.close();
    await livePrivate({ port: relay.port });
    expect((await viewer.fetch('part')).status).toBe(403);
    expect((await viewer.reload()).status).toBe(200);
    for (const kind of ['init', 'segment', 'part'] as const) await bytes(await viewer.fetch(kind));
    expect((await viewer.reload()).headers.get('cache-control')).toBe('private, no-cache');
    expect(viewers()).toBe(1);
  });

  it('is given without sessions where the operator says so, for a CDN that decides', async () => {
    await livePrivate({ hlsSessions: false });
    const viewer = await watching({ seconds: 20 });
    expect(viewer.address.pathname).toBe('/hls/cam/media.m3u8');
    clock.pass(20_000);
    await bytes(await viewer.fetch('part'));
    expect(viewers()).toBe(0);
  });
});

describe('the requests of one address that wait for media', () => {
  it('are refused beyond four for each viewer that it may have, and taken again once one is over', async () => {
    await live({ maxViewersPerAddress: 1 });
    const viewer = await watching();
    const gone = new AbortController();
    const list = await (await viewer.reload()).text();
    const next = { _HLS_msn: String(Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)![1]) + list.match(/^#EXTINF/gm)!.length + 1) };
    const address = new URL(viewer.address);
    for (const [name, value] of Object.entries(next)) address.searchParams.set(name, value);
    const waiting = Array.from({ length: 4 }, () => fetch(address, { signal: gone.signal }).catch(() => undefined));
    await eventually('the fifth is refused', async () => {
      const answer = await Promise.race([fetch(address, { signal: AbortSignal.timeout(500) }), ...waiting]).catch(() => undefined);
      return answer?.status === 429 && (await refusal(answer)) === 'too-many';
    });
    gone.abort();
    await eventually('another is taken', async () => (await viewer.reload()).status === 200);
  });
});
