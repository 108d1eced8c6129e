import { once } from 'node:events';
import type { Socket } from 'node:net';
import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { openRaw, rawRequest, UPGRADE } from '../support/raw-request';
import { TestSocket } from '../support/test-socket';

/**
 * What is held: connections are cheap and time-limited, heads are small, and who is in is served whatever others open.
 * What becomes of the limits themselves, seat by seat, is in test/e2e/limits.test.ts.
 */
const PER_ADDRESS = 200;
/** The steady viewers are from this address too. */
const relay = underAttack({ flags: ['--max-viewers-per-address', String(PER_ADDRESS)] });

const HOST = 'Host: 127.0.0.1';
const opened: Socket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

function open(): Socket {
  const socket = openRaw(relay().port);
  opened.push(socket);
  return socket;
}

/** Opens many connections, as fast as the relay takes them. */
async function openMany(count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(200, count - sockets.length) }, open);
    await Promise.all(some.map((socket) => once(socket, 'connect')));
    sockets.push(...some);
  }
  return sockets;
}

describe('slowloris', () => {
  it('by heads that never end, or never begin, is cut off after its time, 1200 times over', async () => {
    const beginnings = [
      ['GET / HTTP/1.1', HOST],
      ['GET /watch/steady HTTP/1.1', HOST, ...UPGRADE],
      ['PUT /publish/slow HTTP/1.1', HOST, 'Transfer-Encoding: chunked'],
    ];
    const sockets = await openMany(1_200);
    // Every fourth says nothing at all.
    const talking = sockets.filter((_socket, index) => index % 4 < 3);
    for (const socket of sockets) socket.resume();
    for (const [index, socket] of talking.entries()) socket.write(`${beginnings[index % 3]!.join('\r\n')}\r\n`);
    const trickle = setInterval(() => {
      for (const socket of talking) socket.write('X-Slow: 1\r\n');
    }, 1_000);
    // Ten seconds for a head, looked at every two.
    await eventually('all are cut off', () => sockets.every(({ closed }) => closed)).finally(() => clearInterval(trickle));
  });
});

describe('as many connections as one core can open', () => {
  it('leave the relay to those who are in, and to who comes next', async () => {
    await openMany(4_000);
    expect((await fetch(`${relay().url}/health/live`)).status).toBe(200);
    await relay().expectAll();
  });

  it('that are opened and reset at once leave nothing', async () => {
    for (let block = 0; block < 10; block++) {
      const sockets = Array.from({ length: 200 }, open);
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
      for (const socket of sockets) {
        socket.write(['GET /watch/steady HTTP/1.1', HOST, ...UPGRADE, '', ''].join('\r\n'));
        socket.resetAndDestroy();
      }
    }
    await eventually('only the audience is left', async () => (await seats()) === 50);
  });
});

/** How many watch the steady stream. */
async function seats(): Promise<number> {
  const { streams } = (await (await fetch(`${relay().url}/api/streams`)).json()) as { streams: { name: string; viewers: number }[] };
  return streams.find(({ name }) => name === 'steady')?.viewers ?? 0;
}

describe('many viewers from one address', () => {
  it('are refused beyond the limit, and the others keep their seats', async () => {
    const viewers = await Promise.all(Array.from({ length: PER_ADDRESS }, () => TestSocket.speaking(`${relay().wsUrl}/watch/steady`)));
    const refused = viewers.slice(-50);
    for (const viewer of refused) {
      expect(await viewer.next('error')).toMatchObject({ code: 'too-many', retryAfter: 10 });
      expect((await viewer.closed).code).toBe(4429);
    }
    for (const viewer of viewers.slice(0, 150)) {
      await viewer.next('init');
      viewer.socket.terminate();
    }
    await eventually('only the audience is left', async () => (await seats()) === 50);
  });
});

describe('a head', () => {
  it.each([
    ['a giant header', ['GET / HTTP/1.1', HOST, `X-Big: ${'x'.repeat(100_000)}`]],
    ['ten thousand headers', ['GET / HTTP/1.1', HOST, ...Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`)]],
    ['a giant address', [`GET /${'a'.repeat(100_000)} HTTP/1.1`, HOST]],
    ['a giant token in the address', [`GET /watch/steady?token=${'a'.repeat(100_000)} HTTP/1.1`, HOST, ...UPGRADE]],
    ['a giant cookie in a handshake', ['GET /watch/steady HTTP/1.1', HOST, ...UPGRADE, `Cookie: ${'a=b; '.repeat(20_000)}`]],
  ])('with %s ends the connection, with 431 where the answer can still be read', async (_what, lines) => {
    const answer = await rawRequest(relay().port, lines);
    // What was never read of a request takes the answer with it, now and then.
    expect([431, 0]).toContain(answer.status);
  });

  it('without end is cut off after 16 KiB', async () => {
    const socket = open();
    let answer = '';
    socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')));
    socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Endless: ');
    let sent = 0;
    while (!socket.closed && sent < 10 << 20) {
      socket.write('x'.repeat(1 << 16));
      sent += 1 << 16;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('it is cut off', () => socket.closed);
    expect(answer === '' || answer.startsWith('HTTP/1.1 431')).toBe(true);
  });
});

describe('a connection', () => {
  it('that asks ten thousand times in one breath and reads no answer holds no memory for them', async () => {
    const socket = open();
    socket.pause();
    socket.write(`GET /api/streams HTTP/1.1\r\n${HOST}\r\n\r\n`.repeat(10_000));
    await relay().expectAll();
    socket.destroy();
  });

  it('that takes a page or a file and never reads it holds no memory for it', async () => {
    const sockets = await openMany(200);
    for (const socket of sockets) {
      socket.pause();
      socket.write(['GET /player/sluice-video.js HTTP/1.1', HOST, '', ''].join('\r\n'));
    }
    await relay().expectAll();
  });
});
