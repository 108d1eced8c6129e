import { WatchConnection, type WatchListener } from '../../../player/video/watch-connection';
import { Backoff } from '../../../src/protocol/backoff';
import { FakeWebSocket } from '../../support/fake-web-socket';

const TRACKS = [{ kind: 'video', codec: 'vp8' }] as const;
const INIT = { type: 'init', epoch: 'e1', mime: 'video/webm; codecs="vp8"', tracks: TRACKS, position: 1000, resumed: false } as const;

/** A connection whose sockets the test plays, and all that it told, in order. */
function connect(): { connection: WatchConnection; sockets: FakeWebSocket[]; told: unknown[]; socket: () => FakeWebSocket } {
  const sockets: FakeWebSocket[] = [];
  const told: unknown[] = [];
  const listener: WatchListener = {
    connecting: (refusal) => told.push(refusal === undefined ? 'connecting' : ['connecting', refusal]),
    init: ({ epoch, position }, bytes) => told.push(['init', epoch, position, [...bytes]]),
    resumed: () => told.push('resumed'),
    media: (bytes) => told.push(['media', ...bytes]),
    waiting: (reason) => told.push(['waiting', reason]),
    clock: (media, wall) => told.push(['clock', media, wall]),
    skipped: (from, to) => told.push(['skipped', from, to]),
    ended: () => told.push('ended'),
    blocked: () => told.push('blocked'),
    refused: ({ code }) => told.push(['refused', code]),
  };
  const connection = new WatchConnection({
    url: new URL('ws://relay/watch/cam'),
    listener,
    backoff: new Backoff(() => 1),
    connect: (url) => {
      const socket = new FakeWebSocket(url);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  });
  connection.open();
  return { connection, sockets, told, socket: () => sockets.at(-1)! };
}

describe('WatchConnection', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('takes the binary message behind "init" for the init segment, and what follows for media', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(1, 2);
    socket().deliver(3);
    expect(told).toEqual(['connecting', ['init', 'e1', 1000, [1, 2]], ['media', 3]]);
  });

  it('says once a second, while media comes, how far it has', () => {
    const { socket } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    socket().deliver(1, 2, 3);
    jest.advanceTimersByTime(999);
    socket().deliver(4);
    expect(socket().sentOf('received')).toEqual([]);
    jest.advanceTimersByTime(1);
    socket().deliver(5);
    socket().deliver(6);
    expect(socket().sentOf('received')).toEqual([{ type: 'received', epoch: 'e1', position: 1005 }]);
  });

  it('comes back to where it was when the connection is lost', () => {
    const { sockets, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    socket().deliver(1, 2);
    socket().drop();
    expect(sockets).toHaveLength(1);
    jest.advanceTimersByTime(250);
    expect(socket().url).toBe('ws://relay/watch/cam?epoch=e1&position=1002');
    socket().open();
    socket().tell({ ...INIT, position: 1002, resumed: true });
    socket().deliver(3);
    expect(told.slice(-4)).toEqual(['connecting', 'connecting', 'resumed', ['media', 3]]);
  });

  it('tells of a skip, and goes on behind it', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    socket().tell({ type: 'skip', epoch: 'e1', from: 1, to: 5, position: 9000, reason: 'slow' });
    socket().deliver(1);
    expect(told).toContainEqual(['skipped', 1, 5]);
    socket().drop();
    jest.advanceTimersByTime(250);
    expect(socket().url).toBe('ws://relay/watch/cam?epoch=e1&position=9001');
  });

  it('waits longer after each try that fails, and not after one that succeeds', () => {
    const { sockets, socket } = connect();
    socket().drop();
    jest.advanceTimersByTime(250);
    socket().drop();
    jest.advanceTimersByTime(499);
    expect(sockets).toHaveLength(2);
    jest.advanceTimersByTime(1);
    expect(sockets).toHaveLength(3);
    socket().open();
    socket().tell({ type: 'waiting', reason: 'publisher' });
    socket().drop();
    jest.advanceTimersByTime(250);
    expect(sockets).toHaveLength(4);
  });

  it('waits as long as the relay asks it to', () => {
    const { sockets, socket } = connect();
    socket().open();
    socket().tell({ type: 'error', code: 'too-slow', message: '', retryAfter: 3 });
    socket().drop(4008);
    jest.advanceTimersByTime(3_249);
    expect(sockets).toHaveLength(1);
    jest.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
  });

  it('says why the relay takes it in for now no more, until it does', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell({ type: 'error', code: 'full', message: '', retryAfter: 10 });
    socket().drop(4503);
    jest.advanceTimersByTime(10_250);
    socket().open();
    expect(told).toEqual(['connecting', ['connecting', 'full'], ['connecting', 'full']]);
    socket().tell(INIT);
    socket().drop();
    expect(told.at(-1)).toBe('connecting');
  });

  it('no longer says what the relay has said once it is out of reach', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell({ type: 'error', code: 'full', message: '', retryAfter: 10 });
    socket().drop(4503);
    jest.advanceTimersByTime(10_250);
    socket().drop();
    expect(told.at(-1)).toBe('connecting');
  });

  it.each(['not-authenticated', 'not-allowed', 'disconnected'] as const)('gives up where its key or token is of no use, or it was sent away: %s', (code) => {
    const { sockets, socket, told } = connect();
    socket().open();
    socket().tell({ type: 'error', code, message: '' });
    socket().drop(4403);
    jest.advanceTimersByTime(60_000);
    expect(told.at(-1)).toEqual(['refused', code]);
    expect(sockets).toHaveLength(1);
  });

  it('gives up where another try is of no use', () => {
    const { sockets, socket, told } = connect();
    socket().open();
    socket().tell({ type: 'error', code: 'bad-name', message: 'Cannot use this name' });
    expect(told).toEqual(['connecting', ['refused', 'bad-name']]);
    jest.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });

  it('goes on after an answer to a request of its own that was refused', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell({ type: 'error', code: 'bad-request', message: '', id: 7 });
    socket().tell({ type: 'waiting', reason: 'keyframe' });
    expect(told).toEqual(['connecting', ['waiting', 'keyframe']]);
  });

  it('waits for the next stream when one has ended, and begins that from its live edge', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    socket().tell({ type: 'end', reason: 'ended' });
    socket().drop(1000);
    expect(told.at(-1)).toBe('ended');
    jest.advanceTimersByTime(1_000);
    expect(socket().url).toBe('ws://relay/watch/cam');
  });

  it('comes back after a restart of the relay', () => {
    const { socket, told } = connect();
    socket().open();
    socket().tell({ type: 'end', reason: 'restart' });
    socket().drop(1012);
    jest.advanceTimersByTime(250);
    expect(told).toEqual(['connecting', 'connecting', 'connecting']);
  });

  it('stops the flow for a pause, and goes on at the live edge', () => {
    const { connection, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.pause();
    connection.pause();
    socket().deliver(1);
    connection.play(false);
    connection.play(false);
    expect(socket().sentOf('pause')).toHaveLength(1);
    expect(socket().sentOf('play')).toEqual([{ type: 'play' }]);
    socket().tell({ ...INIT, position: 5000 });
    socket().deliver(9);
    expect(told.at(-1)).toEqual(['init', 'e1', 5000, [9]]);
  });

  it('begins again at the live edge as it is asked to, and the second time with what comes next', () => {
    const { connection, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(7);
    connection.rejoin();
    expect(socket().sentOf('play')).toEqual([{ type: 'play' }]);
    socket().tell({ ...INIT, position: 5000 });
    socket().deliver(8);
    socket().deliver(1);
    connection.rejoin();
    expect(told.at(-1)).toEqual(['init', 'e1', 5000, [8]]);
    socket().deliver(2);
    expect(told.at(-1)).toEqual(['media', 2]);
    expect(socket().sentOf('play')).toHaveLength(1);
    for (let second = 0; second < 60; second += 5) {
      jest.advanceTimersByTime(5_000);
      socket().deliver(0);
    }
    connection.rejoin();
    expect(socket().sentOf('play')).toHaveLength(2);
  });

  it('goes on after a pause where it was, with what was still on its way', () => {
    const { connection, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.pause();
    socket().deliver(1, 2);
    expect(told.at(-1)).toEqual(['media', 1, 2]);
    connection.play(true);
    expect(socket().sentOf('play')).toEqual([{ type: 'play', epoch: 'e1', position: 1002 }]);
    socket().tell({ ...INIT, position: 1002, resumed: true });
    socket().deliver(3);
    expect(told.slice(-2)).toEqual(['resumed', ['media', 3]]);
  });

  it('goes on where it was when the connection was lost during the pause', () => {
    const { connection, socket } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.pause();
    socket().drop();
    connection.play(true);
    expect(socket().url).toBe('ws://relay/watch/cam?epoch=e1&position=1000');
  });

  it('leaves a connection that is lost during a pause until it is played', () => {
    const { connection, sockets, socket } = connect();
    socket().open();
    connection.pause();
    socket().drop();
    jest.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    connection.play(false);
    expect(sockets).toHaveLength(2);
  });

  it('tells of a pause that came before the connection was open', () => {
    const { connection, socket } = connect();
    connection.pause();
    socket().open();
    expect(socket().sentOf('pause')).toHaveLength(1);
  });

  it('lets nothing come of an epoch that it is to skip, and goes on with the next', () => {
    const { connection, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.skipEpoch('e1');
    expect(socket().sentOf('pause')).toHaveLength(1);
    socket().deliver(1, 2);
    socket().tell({ type: 'epoch', epoch: 'e1' });
    expect(socket().sentOf('play')).toEqual([]);
    socket().tell({ type: 'epoch', epoch: 'e2' });
    expect(socket().sentOf('play')).toEqual([{ type: 'play' }]);
    socket().tell({ ...INIT, epoch: 'e2', position: 0 });
    socket().deliver(9);
    socket().deliver(3);
    expect(told).toEqual(['connecting', ['init', 'e1', 1000, [0]], ['init', 'e2', 0, [9]], ['media', 3]]);
  });

  it('skips an epoch over lost connections too', () => {
    const { connection, sockets, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.skipEpoch('e1');
    socket().drop();
    jest.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    socket().deliver(1);
    expect(socket().sentOf('pause')).toHaveLength(1);
    socket().drop();
    jest.advanceTimersByTime(500);
    socket().open();
    socket().tell({ ...INIT, epoch: 'e2', position: 0 });
    socket().deliver(9);
    expect(told.filter((line) => line !== 'connecting')).toEqual([
      ['init', 'e1', 1000, [0]],
      ['init', 'e2', 0, [9]],
    ]);
  });

  it('asks for the flow if the next epoch has begun before the relay heard that one was to be skipped', () => {
    const { connection, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.skipEpoch('e1');
    socket().tell({ ...INIT, epoch: 'e2', position: 0 });
    socket().deliver(9);
    expect(socket().sent.slice(-2)).toEqual([{ type: 'pause' }, { type: 'play' }]);
    expect(told.at(-1)).toEqual(['init', 'e2', 0, [9]]);
  });

  it('begins again with the epoch that is there if the one to be skipped is over', () => {
    const { connection, socket } = connect();
    socket().open();
    socket().tell({ ...INIT, epoch: 'e2' });
    socket().deliver(0);
    connection.skipEpoch('e1');
    expect(socket().sent.slice(-2)).toEqual([{ type: 'pause' }, { type: 'play' }]);
  });

  it('goes on with the next epoch though it was paused as it was to skip one', () => {
    const { connection, sockets, socket } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.pause();
    connection.skipEpoch('e1');
    socket().drop();
    jest.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });

  it('takes up an epoch that it skips as it is asked to begin again', () => {
    const { connection, socket, told } = connect();
    socket().open();
    socket().tell(INIT);
    socket().deliver(0);
    connection.skipEpoch('e1');
    connection.rejoin();
    expect(socket().sentOf('play')).toEqual([{ type: 'play' }]);
    socket().tell({ ...INIT, position: 5000 });
    socket().deliver(8);
    expect(told.at(-1)).toEqual(['init', 'e1', 5000, [8]]);
  });

  it('asks a relay that is silent, and drops it if it stays so', () => {
    const { sockets, socket } = connect();
    socket().open();
    const [first] = sockets;
    jest.advanceTimersByTime(10_000);
    expect(first?.sentOf('ping')).toHaveLength(2);
    socket().tell({ type: 'pong', id: 2, wall: 0 });
    jest.advanceTimersByTime(10_000);
    expect(first?.readyState).toBe(1);
    jest.advanceTimersByTime(5_250);
    expect(first?.readyState).toBe(3);
    expect(sockets).toHaveLength(2);
  });

  it('tries again at once when the network is back', () => {
    const { connection, sockets, socket } = connect();
    for (let i = 0; i < 5; i++) {
      socket().drop();
      jest.advanceTimersByTime(8_000);
    }
    socket().drop();
    const before = sockets.length;
    connection.check();
    expect(sockets).toHaveLength(before + 1);
  });

  it('asks the relay when the network is another one, and connects anew if there is no answer', () => {
    const { connection, sockets, socket, told } = connect();
    socket().open();
    connection.check();
    socket().tell({ type: 'waiting', reason: 'idle' });
    jest.advanceTimersByTime(3_000);
    expect(sockets).toHaveLength(1);
    connection.check();
    connection.check();
    jest.advanceTimersByTime(2_000);
    expect(told.at(-1)).toBe('connecting');
    jest.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });

  it('asks the relay after a sleep', () => {
    const { sockets, socket } = connect();
    socket().open();
    const [first] = sockets;
    const asleep = performance.now() + 60_000;
    const now = jest.spyOn(performance, 'now').mockImplementation(() => asleep);
    jest.advanceTimersByTime(5_000);
    expect(first?.sentOf('ping')).toHaveLength(2);
    jest.advanceTimersByTime(2_250);
    expect(sockets).toHaveLength(2);
    now.mockRestore();
  });

  it('asks the relay after an hour of sleep in which the monotonic clock stood still', () => {
    const { sockets, socket } = connect();
    socket().open();
    const [first] = sockets;
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(5_000);
    expect(first?.sentOf('ping')).toHaveLength(2);
    jest.advanceTimersByTime(2_250);
    expect(sockets).toHaveLength(2);
  });

  it('reports what the viewer experiences', () => {
    const { connection, socket } = connect();
    socket().open();
    const report = { buffer: 0.1, target: 0.1, rate: 1, stalls: 0, skips: 0, dropped: 0, bitrate: 1e6 };
    connection.report(report);
    expect(socket().sentOf('report')).toEqual([{ type: 'report', ...report }]);
  });

  it("measures the relay's clock against its own", () => {
    const { connection, socket } = connect();
    expect(connection.clockOffset).toBeUndefined();
    socket().open();
    jest.advanceTimersByTime(100);
    socket().tell({ type: 'pong', id: 1, wall: Date.now() + 4_950 });
    expect(connection.clockOffset).toBe(5_000);
  });

  it('answers "sync" at once', () => {
    const { socket } = connect();
    socket().open();
    socket().tell({ type: 'sync', id: 3 });
    expect(socket().sentOf('ok')).toEqual([{ type: 'ok', id: 3 }]);
  });

  it('heeds nothing more once it is closed', () => {
    const { connection, sockets, socket, told } = connect();
    socket().open();
    const opened = socket();
    connection.close();
    connection.close();
    expect(opened.readyState).toBe(3);
    connection.open();
    connection.play(false);
    jest.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(told).toEqual(['connecting']);
  });

  it('says so when two connections in a row end before the relay has said a word', () => {
    const { socket, told } = connect();
    const blocked = (): number => told.filter((line) => line === 'blocked').length;
    socket().drop();
    expect(blocked()).toBe(0);
    jest.advanceTimersByTime(10_000);
    socket().drop();
    expect(blocked()).toBe(1);
    jest.advanceTimersByTime(10_000);
    socket().open();
    socket().tell({ type: 'waiting', reason: 'publisher' });
    socket().drop();
    jest.advanceTimersByTime(10_000);
    socket().drop();
    expect(blocked()).toBe(1);
    jest.advanceTimersByTime(10_000);
    socket().drop();
    expect(blocked()).toBe(2);
  });
});
