import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '../support/eventually';
import { FakeClock } from '../support/fake-clock';
import { answered, connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;

afterEach(() => relay.close());

const UPGRADE = ['Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'];

/** A WebSocket that reads and never says a word: as a peer behind a cable that was pulled. */
async function openSilently(path: string): Promise<Socket> {
  const socket = connect(relay.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write([`GET ${path} HTTP/1.1`, ...UPGRADE, '', ''].join('\r\n'));
  const [head] = (await once(socket, 'data')) as [Buffer];
  expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
  return socket.resume();
}

describe('a client that is gone without a word', () => {
  const PING_INTERVAL = 15_000;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    // Longer than the test takes: here it is the ping that finds out.
    relay = await startRelay({ idleTimeout: 3_600_000 }, { clock });
  });

  it('is let go after two pings that it left unanswered, as a viewer', async () => {
    const socket = await openSilently('/watch/cam');
    clock.pass(3 * PING_INTERVAL - 1);
    expect(relay.registry.get('cam')?.viewers).toBe(1);
    clock.pass(1);
    await once(socket, 'close');
    await eventually('the viewer is gone', () => relay.registry.get('cam') === undefined);
  });

  it('is let go after two pings that it left unanswered, as a publisher, whose name is free then', async () => {
    const socket = await openSilently('/publish/cam');
    clock.pass(3 * PING_INTERVAL - 1);
    expect(relay.registry.get('cam')).toBeDefined();
    clock.pass(1);
    await once(socket, 'close');
    await eventually('the name is free', () => relay.registry.get('cam') === undefined);
    (await connectPublisher(relay.wsUrl, 'cam')).socket.terminate();
  });

  it('is not one that answers', async () => {
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    for (let count = 0; count < 6; count++) {
      const pinged = once(viewer.socket, 'ping');
      clock.pass(PING_INTERVAL);
      await pinged;
      await answered(viewer);
    }
    viewer.socket.terminate();
  });
});

describe('a client that sends too much', () => {
  beforeEach(async () => {
    relay = await startRelay();
  });

  const ping = (client: TestSocket): void => client.tell({ type: 'ping', id: 1 });
  const rawPing = (client: TestSocket): void => client.socket.ping();
  const large = (client: TestSocket): void => client.tell({ type: 'report', note: 'x'.repeat(60_000) });
  const nonsense = (client: TestSocket): void => client.send(new Uint8Array(0));

  it.each([
    ['a viewer by messages', '/watch/cam', ping],
    ['a viewer by pings', '/watch/cam', rawPing],
    ['a viewer by few but large messages', '/watch/cam', large],
    ['a viewer by what nobody asked for', '/watch/cam', nonsense],
    ['a publisher by messages', '/publish/cam', ping],
    ['a publisher by pings', '/publish/cam', rawPing],
  ])('is told so, and closed: %s', async (_who, path, flood) => {
    const client = await TestSocket.speaking(`${relay.wsUrl}${path}`);
    for (let count = 0; count < 600; count++) flood(client);
    expect((await client.closed).code).toBe(4429);
    expect(client.events.at(-1)).toMatchObject({ type: 'error', code: 'too-many' });
    await eventually('nothing is left of it', () => relay.registry.get('cam') === undefined);
  });

  it('is refused a large message of text, as a publisher too', async () => {
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    publisher.tell({ type: 'clock', media: 1, wall: 1, note: 'x'.repeat(70_000) });
    expect(await publisher.next('error')).toMatchObject({ code: 'message-too-large' });
    expect((await publisher.closed).code).toBe(4413);
    expect(relay.logged.filter(({ message }) => message === 'Publisher is refused')).toHaveLength(1);
  });

  it('is not a publisher whose media is cut into very small messages', async () => {
    const { init, fragments } = await sampleMedia();
    const publisher = await connectPublisher(relay.wsUrl, 'cam');
    const media = Buffer.concat([init, ...fragments.slice(0, 20)]);
    for (let offset = 0; offset < media.length; offset += 10) publisher.send(media.subarray(offset, offset + 10));
    await send(publisher);
    expect(relay.registry.get('cam')?.epoch?.position).toBeGreaterThan(0);
    publisher.socket.terminate();
  });
});

describe('a client that takes its time', () => {
  beforeEach(async () => {
    relay = await startRelay({}, { server: { headersTimeout: 300, connectionsCheckingInterval: 50 } });
  });

  it('to say anything at all is cut off', async () => {
    const socket = connect(relay.port, '127.0.0.1');
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('with the head of a handshake is cut off, however steadily it goes on', async () => {
    const socket = connect(relay.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /watch/cam HTTP/1.1\r\n');
    const trickle = setInterval(() => socket.write('X-Slow: 1\r\n'), 20);
    const answer = await text(socket).catch(() => '');
    clearInterval(trickle);
    expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  it('once it is in is not cut off for that', async () => {
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    const socket = connect(relay.port, '127.0.0.1');
    await text(socket);
    await answered(viewer);
    viewer.socket.terminate();
  });
});
