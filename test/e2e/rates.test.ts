import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS } from '../../src/access/permissions';
import type { Config } from '../../src/config/config';
import { type Clock, systemClock } from '../../src/relay/clock';
import { HttpPush } from '../../src/publish/http-push';
import { Peer } from '../../src/socket/peer';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fake-clock';
import { connectPublisher, send } from '../support/publishing';
import { errorCode, push } from '../support/push';
import { rawRequest } from '../support/raw-request';
import { startRelay, type TestRelay } from '../support/relay';
import { type SampleMedia, sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;
let media: SampleMedia;
/** Its fragments again and again: more than is read at once. */
let many: Buffer[];
let whole: Buffer;
const sockets: TestSocket[] = [];

beforeAll(async () => {
  media = await sampleMedia();
  many = Array.from({ length: 20 }, () => media.fragments).flat();
  whole = Buffer.concat([media.init, ...many]);
});

afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
  await relay.close();
  jest.restoreAllMocks();
});

/** Time that passes when a test says. */
const stopped = new FakeClock();

async function start(options: Partial<Config>, clock: Clock = systemClock): Promise<void> {
  relay = await startRelay({ idleTimeout: 600_000, ...options }, { clock });
}

function keep(socket: TestSocket): TestSocket {
  sockets.push(socket);
  return socket;
}

/** Waits until the relay has read no further for a while, although no time passes for it. */
async function isHeld(hold: jest.SpyInstance<void, [held: boolean]>): Promise<void> {
  await eventually('it is held', () => hold.mock.lastCall?.[0]);
}

/** Lets time pass whenever it is held, until `over`. */
async function goOn(hold: jest.SpyInstance<void, [held: boolean]>, over: Promise<unknown>): Promise<void> {
  let isOver = false;
  void over.then(() => (isOver = true));
  const look = (): boolean => {
    if (hold.mock.lastCall?.[0] === true) stopped.pass(1_000);
    return isOver;
  };
  await eventually('all of it was taken', look);
}

describe('a publisher over its bitrate', () => {
  it('is read more slowly over HTTP, and loses nothing', async () => {
    // It is five seconds' worth, of which four may come at once.
    await start({ maxBitrate: (whole.length * 8) / 5 });
    const begun = performance.now();
    const answer = await push(`${relay.url}/publish/cam`, whole);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, { name: 'cam', bytes: whole.length }]);
    expect(performance.now() - begun).toBeGreaterThan(800);
  });

  it('is read more slowly over a socket, too', async () => {
    await start({ maxBitrate: (whole.length * 8) / 5 });
    const publisher = keep(await connectPublisher(relay.wsUrl, 'cam'));
    const begun = performance.now();
    await send(publisher, media.init, ...many);
    expect(performance.now() - begun).toBeGreaterThan(800);
    publisher.tell({ type: 'end' });
    expect((await publisher.closed).code).toBe(1000);
  });

  it('is ended with a code by either door when it goes on so', async () => {
    await start({ maxBitrate: whole.length / 20 }, stopped);
    const holds = [jest.spyOn(Peer.prototype, 'hold'), jest.spyOn(HttpPush.prototype, 'hold')] as const;
    const publisher = keep(await connectPublisher(relay.wsUrl, 'cam'));
    publisher.send(media.init);
    const pour = (): void => {
      while (publisher.socket.readyState === publisher.socket.OPEN && publisher.socket.bufferedAmount < whole.length) for (const fragment of media.fragments) publisher.send(fragment);
    };
    const timer = setInterval(pour, 20);
    await goOn(holds[0], publisher.closed);
    const { code, reason } = await publisher.closed;
    clearInterval(timer);
    expect([code, reason]).toEqual([4429, expect.stringMatching(/^too-fast: Cannot take more than [\d.]+ Mbit a second \(--max-bitrate\)/)]);
    const pushing = push(`${relay.url}/publish/other`, Buffer.concat(Array.from({ length: 50 }, () => whole)));
    await goOn(holds[1], pushing);
    const answer = await pushing;
    expect([answer.status, errorCode(answer)]).toEqual([429, 'too-fast']);
  });
});

describe('a publisher of more chunks than it may send', () => {
  it('is read more slowly', async () => {
    await start({ maxChunkRate: many.length / 5 });
    const publisher = keep(await connectPublisher(relay.wsUrl, 'cam'));
    const begun = performance.now();
    await send(publisher, media.init, ...many);
    expect(performance.now() - begun).toBeGreaterThan(800);
  });
});

describe('a publisher whose media comes in very small pieces', () => {
  /** More than may come at once, of which a read of the connection may hold some thousands. */
  const PIECES = 40_000;

  it('is held over a socket until it keeps to 5,000 messages a second, and loses nothing', async () => {
    await start({}, stopped);
    const hold = jest.spyOn(Peer.prototype, 'hold');
    const publisher = keep(await connectPublisher(relay.wsUrl, 'cam'));
    for (let at = 0; at < PIECES; at++) publisher.send(whole.subarray(at, at + 1));
    publisher.send(whole.subarray(PIECES));
    publisher.tell({ type: 'end' });
    await isHeld(hold);
    await goOn(hold, publisher.closed);
    expect((await publisher.closed).code).toBe(1000);
    const receipts = publisher.events.flatMap((event) => (event.type === 'received' && 'bytes' in event ? event.bytes : []));
    expect(receipts.at(-1)).toBe(whole.length);
  });

  it('is held over a socket also where its messages are cut into frames of no byte', async () => {
    await start({}, stopped);
    const hold = jest.spyOn(Peer.prototype, 'hold');
    const publisher = keep(await connectPublisher(relay.wsUrl, 'cam'));
    for (let frames = 1; frames <= PIECES; frames++) publisher.socket.send(Buffer.alloc(0), { fin: frames % 10_000 === 0 });
    await isHeld(hold);
  });

  it('is held over HTTP, and loses nothing', async () => {
    await start({}, stopped);
    const hold = jest.spyOn(HttpPush.prototype, 'hold');
    const chunks = Array.from(whole.subarray(0, PIECES), (byte) => Buffer.from([0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a]));
    const rest = whole.subarray(PIECES);
    const body = Buffer.concat([...chunks, Buffer.from(`${rest.length.toString(16)}\r\n`), rest, Buffer.from('\r\n0\r\n\r\n')]);
    const answer = rawRequest(relay.port, ['PUT /publish/cam HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close', 'Transfer-Encoding: chunked'], body);
    await isHeld(hold);
    await goOn(hold, answer);
    expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining(`"bytes":${whole.length}`) as string });
  });
});

describe('one key', () => {
  it('publishes as many streams as it may, by whatever door, and another key its own', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-rates-'));
    const [one, two] = [makeKey(), makeKey()];
    const entry = (id: string, key: string) => ({ id, hash: hashKey(key), ...PERMISSIONS.parse({ publish: ['*'] }) });
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [entry('one', one), entry('two', two)] }));
    await start({ maxPublishersPerKey: 1, accessRule: { kind: 'keys', file: join(folder, 'keys.json') } });
    rmSync(folder, { recursive: true });
    const first = keep(await connectPublisher(relay.wsUrl, 'cam1', `?token=${one}`));
    const second = keep(await TestSocket.speaking(`${relay.wsUrl}/publish/cam2?token=${one}`));
    expect(await second.next('error')).toMatchObject({ code: 'too-many', message: expect.stringContaining('--max-publishers-per-key'), retryAfter: 10 });
    expect((await second.closed).code).toBe(4429);
    expect((await push(`${relay.url}/publish/cam2?token=${one}`, whole)).status).toBe(429);
    expect((await push(`${relay.url}/publish/cam2?token=${two}`, whole)).status).toBe(200);
    first.socket.close();
    await first.closed;
    await eventually('the seat is free', async () => (await push(`${relay.url}/publish/cam3?token=${one}`, whole)).status === 200);
  });
});

describe('a socket that sends more messages than it may', () => {
  it('is closed, and told the rate that the operator chose', async () => {
    await start({ maxMessageRate: 2 });
    const viewer = keep(await TestSocket.speaking(`${relay.wsUrl}/watch/cam`));
    for (let id = 0; id < 12; id++) viewer.tell({ type: 'ping', id });
    expect((await viewer.next('error')).message).toContain('2 messages and pings a second (--max-message-rate)');
    expect((await viewer.closed).code).toBe(4429);
  });
});

describe('connections', () => {
  const opened: Socket[] = [];

  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy();
  });

  /** Whether another connection is answered, and stays. */
  async function isTaken(head = ''): Promise<boolean> {
    const socket = connect(relay.port, '127.0.0.1');
    opened.push(socket);
    socket.on('error', () => undefined);
    socket.write(`GET /health/live HTTP/1.1\r\nHost: localhost\r\n${head}\r\n`);
    return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
  }

  it.each<[string, Partial<Config>]>([
    ['in all', { maxConnections: 2 }],
    ['from one address', { maxConnectionsPerAddress: 2 }],
  ])('are as many as may be %s; more are cut off, and there is room again when some have gone', async (_what, limits) => {
    await start(limits);
    expect([await isTaken(), await isTaken(), await isTaken()]).toEqual([true, true, false]);
    expect(relay.logged.map(({ message }) => message)).toContain('Connection is cut off');
    opened[0]?.destroy();
    await eventually('there is room', () => isTaken());
  });

  it('of a trusted proxy are as many as it needs', async () => {
    await start({ maxConnectionsPerAddress: 1, trustProxy: ['loopback'] });
    expect([await isTaken(), await isTaken(), await isTaken()]).toEqual([true, true, true]);
  });

  it('whose heads are larger than they may be are refused', async () => {
    await start({ maxHeader: 2_048 });
    expect((await push(`${relay.url}/health/live`, '', { method: 'GET', headers: { 'X-Long': 'x'.repeat(1_500) } })).status).toBe(200);
    expect((await push(`${relay.url}/health/live`, '', { method: 'GET', headers: { 'X-Long': 'x'.repeat(2_500) } })).status).toBe(431);
  });

  it('whose heads take too long are refused', async () => {
    await start({ headerTimeout: 200 });
    const socket = connect(relay.port, '127.0.0.1');
    opened.push(socket);
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
  });
});
