import { once } from 'node:events';
import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { HlsViewer } from '../support/hls-viewer';
import { openRaw, statusesOf } from '../support/raw-request';

/** Two seats beside those of the audience. */
const SEATS = 52;
/** Enough to fill all seats many times; how a relay bears floods of pipelined requests is in connections.test.ts. */
const REQUESTS = 1_000;
const relay = underAttack({ flags: ['--max-viewers', String(SEATS)] });

/** How many watch the steady stream. */
async function seats(): Promise<number> {
  const { streams } = (await (await fetch(`${relay().url}/api/streams`)).json()) as { streams: { name: string; viewers: number }[] };
  return streams.find(({ name }) => name === 'steady')?.viewers ?? 0;
}

/** Somebody who wants to watch. */
async function honest(): Promise<HlsViewer> {
  const viewer = await HlsViewer.open(`${relay().url}/hls/steady/index.m3u8`);
  await eventually('there is a seat, and a segment', async () => (await viewer.reload()).ok);
  return viewer;
}

describe('a thousand requests over HLS', () => {
  it.each([
    ['for playlists of invented sessions', (index: number) => `/hls/steady/${index.toString(36).padStart(44, 'x')}/media.m3u8`],
    ['for playlists of sessions in the query', (index: number) => `/hls/steady/media.m3u8?session=${index}`],
    ['for sessions that fetch nothing', () => '/hls/steady/index.m3u8'],
  ])('%s take no seat from who watches', async (_what, path) => {
    await honest();
    const statuses = await statusesOf(relay().port, Array.from({ length: REQUESTS }, (_, index) => path(index)));
    expect(statuses.get(200)).toBe(REQUESTS);
    expect(await seats()).toBe(50);
    const viewer = await honest();
    expect((await viewer.fetch('segment')).status).toBe(200);
    await eventually('it has gone', async () => (await seats()) === 50);
  });

  it('for media of invented sessions take one seat in all', async () => {
    const viewer = await honest();
    const session = viewer.address.pathname.split('/')[3]!;
    const { pathname } = new URL(viewer.listed('init')[0]!);
    const statuses = await statusesOf(relay().port, Array.from({ length: REQUESTS }, (_, index) => pathname.replace(session, index.toString(36).padStart(44, 'x'))));
    expect(statuses.get(200)).toBe(REQUESTS);
    expect(await seats()).toBe(51);
    await eventually('it has gone', async () => (await seats()) === 50);
  });
});

describe('segments that nobody reads', () => {
  it('are cut off with their connections after 20 s', async () => {
    const viewer = await honest();
    const [segment = ''] = viewer.listed('segment');
    const { pathname } = new URL(segment);
    // Asked for so often that the system can't hold it all.
    const sockets = Array.from({ length: 20 }, () => {
      const socket = openRaw(relay().port);
      socket.pause();
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(100));
      return socket;
    });
    await eventually('they are served', async () => (await seats()) === 51);
    await eventually('the relay has let them go', async () => (await seats()) === 50);
    for (const socket of sockets) {
      const closed = once(socket, 'close');
      socket.resume();
      await closed;
    }
  });
});
