import type { Socket } from 'node:net';
import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { openRaw } from '../support/raw-request';

/** What is held: a client that sends thousands of requests ahead of their answers, or as fast as it can, takes no seats, no memory and no turns from others. */
const relay = underAttack({ flags: ['--request-rate', '50', '--max-viewers', '1000'] });

const opened: Socket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

/** A connection that reads what it is answered, and counts the answers by status. */
function open(counts = new Map<string, number>()): Socket {
  const socket = openRaw(relay().port);
  opened.push(socket);
  socket.setEncoding('latin1').on('data', (text: string) => {
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d+) /g)) counts.set(status, (counts.get(status) ?? 0) + 1);
  });
  return socket;
}

/** How many watch the steady stream, over whatever door; 0 where the rate refuses the question. */
async function seats(): Promise<number> {
  const { streams = [] } = (await (await fetch(`${relay().url}/api/streams`)).json()) as { streams?: { name: string; viewers: number }[] };
  return streams.find(({ name }) => name === 'steady')?.viewers ?? 0;
}

describe('connections that ask a thousand times for what never ends, and close', () => {
  it.each(['/watch/steady.mp4', '/api/events', '/hls/steady/index.m3u8'])('leave no seat taken and nothing retained: %s', async (path) => {
    await relay().figures('before');
    for (let connection = 0; connection < 10; connection++) {
      const counts = new Map<string, number>();
      const socket = open(counts);
      socket.write(get(path).repeat(1_000));
      await eventually('the first is answered', () => (counts.get('200') ?? 0) > 0);
      socket.destroy();
    }
    await eventually('only the audience is left', async () => (await seats()) === 50);
    await relay().figures(`1,000 × ${path} on each of 10 connections`);
  });
});

describe('a flood', () => {
  it('of requests in one breath, on 20 connections, is answered as far as its rate goes, and costs the audience no chunk', async () => {
    await relay().figures('before');
    const counts = new Map<string, number>();
    const mixed = ['/', '/watch/steady', '/watch/nobody.mp4', '/hls/nobody/index.m3u8', '/api/streams', '/player/sluice-video.js', '/nothing', '/metrics'].map(get).join('');
    for (let connection = 0; connection < 20; connection++) open(counts).write(mixed.repeat(100));
    const answered = (): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
    await eventually('all are answered', () => answered() === 16_000);
    expect(counts.get('429')).toBeGreaterThan(0);
    await relay().figures('16,000 requests on 20 connections');
  });

  it('of handshakes is refused beyond the rate', async () => {
    const counts = new Map<string, number>();
    const handshake = 'GET /watch/a.b HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    const answered = (): number => [...counts.values()].reduce((sum, count) => sum + count, 0);
    for (let begun = 0; begun < 3_000; begun += 100) {
      for (let connection = 0; connection < 100; connection++) open(counts).write(handshake);
      await eventually('they are answered', () => answered() === begun + 100);
    }
    expect(counts.get('429')).toBeGreaterThan(0);
    await relay().figures('3,000 handshakes');
  });
});
