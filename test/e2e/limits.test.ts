import { once } from 'node:events';
import { connect } from 'node:net';
import type { Config } from '../../src/config/config';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fake-clock';
import { connectPublisher, send } from '../support/publishing';
import { errorCode, push } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;

/** The handshake of a client that knows of no messages. */
const UPGRADE = { 'Connection': 'Upgrade', 'Upgrade': 'websocket', 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version': '13' };

async function limited(limits: Partial<Config>): Promise<void> {
  relay = await startRelay(limits);
}

afterEach(() => relay.close());

const watch = (name = 'cam'): Promise<TestSocket> => TestSocket.speaking(`${relay.wsUrl}/watch/${name}`);

async function seated(name = 'cam'): Promise<TestSocket> {
  const viewer = await watch(name);
  await viewer.next('waiting');
  return viewer;
}

/** Waits until nothing is left of a viewer: its seat is free with its place at the stream. */
async function gone(name = 'cam'): Promise<void> {
  await eventually('the viewer is gone', () => relay.registry.get(name) === undefined);
}

describe('a viewer for whom there is no seat', () => {
  it.each([
    ['in all', { maxViewers: 1 }, 'other', { code: 'full', status: 503, close: 4503 }],
    ['at its stream', { maxViewersPerStream: 1 }, 'cam', { code: 'full', status: 503, close: 4503 }],
    ['for its address', { maxViewersPerAddress: 1 }, 'other', { code: 'too-many', status: 429, close: 4429 }],
  ] as const)('%s is told so, and when to come again, by whatever door', async (_where, limits, name, { code, status, close }) => {
    await limited(limits);
    const first = await seated();

    const second = await watch(name);
    expect(await second.next('error')).toMatchObject({ code, retryAfter: 10 });
    expect((await second.closed).code).toBe(close);

    const plain = await push(`${relay.url}/watch/${name}`, '', { method: 'GET', headers: UPGRADE });
    expect({ status: plain.status, code: errorCode(plain), after: plain.headers['retry-after'] }).toEqual({ status, code, after: '10' });
    expect(relay.registry.get('cam')?.viewers).toBe(1);
    expect(relay.registry.get('other')).toBeUndefined();

    first.socket.terminate();
    await gone();
    (await seated(name)).socket.terminate();
  });

  it('over HTTP gets the status and Retry-After', async () => {
    await limited({ maxViewersPerStream: 1 });
    const { init, fragments } = await sampleMedia();
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    await send(publisher, init, ...fragments.slice(0, 3));
    const address = `${relay.url}/watch/cam.mp4`;

    const first = await fetch(address);
    const second = await push(address, '', { method: 'GET' });
    expect({ status: second.status, code: errorCode(second), after: second.headers['retry-after'] }).toEqual({ status: 503, code: 'full', after: '10' });
    // Who asks without watching takes no seat.
    expect((await push(address, '', { method: 'HEAD' })).status).toBe(200);

    await first.body?.cancel();
    await eventually('the viewer is gone', () => relay.registry.get('cam')?.viewers === 0);
    const third = await fetch(address);
    expect(third.status).toBe(200);
    await third.body?.cancel();
    publisher.socket.terminate();
  });
});

describe('an address that asks too often', () => {
  const answered = { status: 200 };
  const refused = { status: 429, code: 'too-many', after: '1' };

  it('is refused by every door, and may ask again once Retry-After has passed', async () => {
    const clock = new FakeClock();
    relay = await startRelay({ requestRate: 1 }, { clock });
    const ask = async (path: string, headers = {}): Promise<object> => {
      const answer = await push(`${relay.url}${path}`, '', { method: 'GET', headers });
      return answer.status === 200 ? answered : { status: answer.status, code: errorCode(answer), after: answer.headers['retry-after'] };
    };
    for (let count = 0; count < 10; count++) expect(await ask('/api/streams')).toEqual(answered);
    for (const path of ['/api/streams', '/', '/watch/cam.mp4', '/hls/cam/index.m3u8', '/player/sluice-video.js', '/nothing']) expect([path, await ask(path)]).toEqual([path, refused]);
    expect(await ask('/watch/cam', UPGRADE)).toEqual(refused);
    clock.pass(1_000);
    expect([await ask('/api/streams'), await ask('/api/streams')]).toEqual([answered, refused]);
  });
});

describe('a seat', () => {
  it('is free again, however its viewer went', async () => {
    await limited({ maxViewers: 1 });
    const ways: ((viewer: TestSocket) => void)[] = [
      ({ socket }) => socket.close(),
      ({ socket }) => socket.terminate(),
      ({ socket }) => socket.send(Buffer.alloc(100_000)),
      ({ socket }) => (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.alloc(50, 0xff)),
    ];
    for (const leave of ways) {
      const viewer = await seated();
      leave(viewer);
      await viewer.closed;
      await gone();
    }
    (await seated()).socket.terminate();
  });

  it('is not taken by a handshake that comes to nothing', async () => {
    await limited({ maxViewers: 1 });
    const socket = connect(relay.port, '127.0.0.1');
    socket.write('GET /watch/cam HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    (await seated()).socket.terminate();
  });
});

describe('a publisher for whose stream there is no room', () => {
  it('is told so, by whatever door', async () => {
    await limited({ maxStreams: 1 });
    const first = await connectPublisher(relay.wsUrl, 'one');
    const second = await TestSocket.speaking(`${relay.wsUrl}/publish/two`);
    expect(await second.next('error')).toMatchObject({ code: 'full', retryAfter: 10 });
    expect((await second.closed).code).toBe(4503);
    const answer = await push(`${relay.url}/publish/two`, 'media');
    expect({ status: answer.status, code: errorCode(answer), after: answer.headers['retry-after'] }).toEqual({ status: 503, code: 'full', after: '10' });
    expect(relay.registry.get('two')).toBeUndefined();
    first.tell({ type: 'end' });
    await first.closed;
    (await connectPublisher(relay.wsUrl, 'two')).socket.terminate();
  });
});
