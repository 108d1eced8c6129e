import { Broadcast } from '../../../player/publisher/broadcast';
import { Recording } from '../../../player/publisher/recording';
import { Backoff } from '../../../src/protocol/backoff';
import { FakeRecorder } from '../../support/fake-recorder';
import { FakeWebSocket } from '../../support/fake-web-socket';

interface Scene {
  readonly broadcast: Broadcast;
  readonly sockets: FakeWebSocket[];
  readonly recorders: FakeRecorder[];
  /** How often the upload had been too slow when each recording began. */
  readonly lowered: number[];
  readonly socket: () => FakeWebSocket;
  readonly recorder: () => FakeRecorder;
}

function scene(create: (stream: MediaStream, options: MediaRecorderOptions) => FakeRecorder = (stream, options) => new FakeRecorder(stream, options)): Scene {
  const sockets: FakeWebSocket[] = [];
  const recorders: FakeRecorder[] = [];
  const lowered: number[] = [];
  const recording = { stream: {} as MediaStream, mime: 'video/webm', videoBitrate: 1_000, audioBitrate: 100 };
  const broadcast = new Broadcast({
    url: 'ws://relay/publish/cam?session=s',
    changed: () => undefined,
    backoff: new Backoff(() => 1),
    connect: (url) => {
      sockets.push(new FakeWebSocket(url));
      return sockets.at(-1) as unknown as WebSocket;
    },
    record: (listener, times) => {
      lowered.push(times);
      return new Recording(
        {
          ...recording,
          create: (stream, options) => {
            recorders.push(create(stream, options));
            return recorders.at(-1) as unknown as MediaRecorder;
          },
        },
        listener,
      );
    },
  });
  return { broadcast, sockets, recorders, lowered, socket: () => sockets.at(-1)!, recorder: () => recorders.at(-1)! };
}

/** The relay lets the newest connection in, and passes its first piece on. */
function goOnAir({ socket, recorder }: Scene): void {
  socket().open();
  socket().tell({ type: 'ready' });
  recorder().give(10);
  socket().tell({ type: 'live', mime: 'video/webm', tracks: [] });
  socket().tell({ type: 'received', bytes: 10, viewers: 3 });
}

function live(): Scene {
  const made = scene();
  made.broadcast.start();
  goOnAir(made);
  return made;
}

const piecesOf = ({ sent }: FakeWebSocket): number[] => sent.filter((message) => message instanceof Blob).map(({ size }) => size);

describe('Broadcast', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('records once the relay is ready, and is on air once the relay has understood', () => {
    const made = scene();
    const { broadcast, socket, recorders, recorder } = made;
    broadcast.start();
    socket().open();
    expect([broadcast.phase, recorders.length]).toEqual(['connecting', 0]);
    socket().tell({ type: 'ready' });
    recorder().give(10);
    expect([broadcast.phase, piecesOf(socket())]).toEqual(['connecting', [10]]);
    socket().tell({ type: 'live', mime: 'video/webm', tracks: [] });
    expect(broadcast.phase).toBe('live');
    socket().tell({ type: 'received', bytes: 10, viewers: 3 });
    expect(broadcast.viewers).toBe(3);
  });

  it('sends its last piece, then "end", and is off when the relay closes', async () => {
    const { broadcast, socket, recorder } = live();
    const stopped = broadcast.stop();
    expect(broadcast.phase).toBe('stopping');
    recorder().flush(7);
    await stopped;
    expect(piecesOf(socket())).toEqual([10, 7]);
    expect(socket().sent.at(-1)).toEqual({ type: 'end' });
    socket().drop(1000);
    expect([broadcast.phase, broadcast.failure]).toEqual(['off', undefined]);
  });

  it('is off soon after "end" even if the relay doesn’t answer', async () => {
    const { broadcast, recorder } = live();
    const stopped = broadcast.stop();
    recorder().flush();
    await stopped;
    jest.advanceTimersByTime(3_000);
    expect(broadcast.phase).toBe('off');
  });

  it('comes back with a recording of its own when the connection is lost', () => {
    const made = live();
    const { broadcast, sockets, recorders, socket } = made;
    const { since } = broadcast;
    socket().drop();
    expect([broadcast.phase, recorders[0]!.state]).toEqual(['retrying', 'inactive']);
    jest.advanceTimersByTime(250);
    expect(sockets.map(({ url }) => url)).toEqual(Array(2).fill('ws://relay/publish/cam?session=s'));
    recorders[0]!.flush(5);
    goOnAir(made);
    expect(broadcast.phase).toBe('live');
    expect(broadcast.since).toBe(since);
    expect(piecesOf(socket())).toEqual([10]);
  });

  it('keeps trying, slower and slower, while the relay can’t be reached', () => {
    const { broadcast, sockets, socket } = scene();
    broadcast.start();
    for (const wait of [250, 500, 1_000]) {
      socket().drop();
      expect(broadcast.phase).toBe('retrying');
      jest.advanceTimersByTime(wait);
    }
    expect(sockets).toHaveLength(4);
  });

  it('gives up a connection on which nothing comes', () => {
    const { broadcast, sockets } = scene();
    broadcast.start();
    jest.advanceTimersByTime(10_000);
    expect(broadcast.phase).toBe('retrying');
    jest.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });

  it('can be stopped while it tries', async () => {
    const { broadcast, sockets, socket } = scene();
    broadcast.start();
    socket().drop();
    await broadcast.stop();
    jest.advanceTimersByTime(60_000);
    expect([broadcast.phase, sockets.length]).toEqual(['off', 1]);
  });

  it('is off for good when the relay refuses', () => {
    const { broadcast, sockets, socket } = scene();
    broadcast.start();
    socket().open();
    socket().tell({ type: 'error', code: 'name-in-use', message: 'Taken' });
    socket().drop(4409);
    jest.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect([broadcast.phase, broadcast.failure]).toMatchObject(['off', { kind: 'refused', error: { code: 'name-in-use' } }]);
  });

  it('tries again what the relay says may pass', () => {
    const { broadcast, sockets, socket } = live();
    socket().tell({ type: 'error', code: 'internal', message: 'Oops' });
    socket().drop(1011);
    jest.advanceTimersByTime(250);
    expect([broadcast.phase, sockets.length]).toEqual(['retrying', 2]);
  });

  it('waits as long as the relay says, and tells why', () => {
    const { broadcast, sockets, socket } = scene();
    broadcast.start();
    socket().open();
    socket().tell({ type: 'error', code: 'full', message: 'There are 100', retryAfter: 10 });
    socket().drop(4503);
    expect(broadcast.hindrance?.message).toBe('There are 100');
    jest.advanceTimersByTime(10_000);
    expect(sockets).toHaveLength(1);
    jest.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
    socket().drop();
    expect([broadcast.phase, broadcast.hindrance]).toEqual(['retrying', undefined]);
  });

  it('comes back when the relay restarts', () => {
    const { broadcast, socket } = live();
    socket().tell({ type: 'end', reason: 'restart' });
    socket().drop(1012);
    expect(broadcast.phase).toBe('retrying');
  });

  it('says by how much the upload is behind', () => {
    const { broadcast, recorder, socket } = live();
    recorder().give(10);
    jest.advanceTimersByTime(2_500);
    expect(broadcast.behind).toBe(2_500);
    socket().tell({ type: 'received', bytes: 20, viewers: 0 });
    expect(broadcast.behind).toBe(0);
  });

  it('begins anew with half the bitrate, and drops what waits, when the upload stays too slow', () => {
    const { broadcast, recorder, socket, sockets, lowered } = live();
    recorder().give(1_000);
    jest.advanceTimersByTime(5_000);
    socket().tell({ type: 'received', bytes: 500, viewers: 0 });
    jest.advanceTimersByTime(1_001);
    recorder().give(10);
    expect([broadcast.phase, socket().readyState]).toEqual(['connecting', 3]);
    jest.advanceTimersByTime(0);
    expect(sockets).toHaveLength(2);
    socket().open();
    socket().tell({ type: 'ready' });
    expect(lowered).toEqual([0, 1]);
  });

  it('takes a connection that stands still for lost, and keeps the bitrate', () => {
    const { recorder, socket, sockets, lowered } = live();
    for (let second = 0; second < 8 && sockets.length === 1; second++) {
      recorder().give(10);
      jest.advanceTimersByTime(1_000);
    }
    expect(sockets).toHaveLength(2);
    socket().open();
    socket().tell({ type: 'ready' });
    expect(lowered).toEqual([0, 0]);
  });

  it('records anew on the same connection when what is to be seen changes', async () => {
    const { broadcast, sockets, socket, recorders, recorder } = live();
    const renewed = broadcast.renew();
    recorders[0]!.flush(7);
    await renewed;
    recorder().give(8);
    expect([recorders.length, sockets.length, broadcast.phase]).toEqual([2, 1, 'live']);
    expect(piecesOf(socket())).toEqual([10, 7, 8]);
  });

  it('takes another connection for another container, behind the last piece of the old one', async () => {
    const { broadcast, sockets, socket, recorders } = live();
    const reconnected = broadcast.reconnect();
    recorders[0]!.flush(7);
    await reconnected;
    jest.advanceTimersByTime(0);
    expect(broadcast.phase).toBe('connecting');
    expect(sockets).toHaveLength(2);
    expect([...piecesOf(sockets[0]!), sockets[0]!.sentOf('end').length]).toEqual([10, 7, 0]);
    socket().open();
    socket().tell({ type: 'ready' });
    expect(recorders).toHaveLength(2);
  });

  it('renews nothing off air', async () => {
    const { broadcast, recorders } = scene();
    await broadcast.renew();
    expect(recorders).toEqual([]);
  });

  it('starts a recorder again that gave up, but not for ever', async () => {
    const { broadcast, recorders, recorder } = live();
    for (let time = 0; time < 3; time++) {
      recorder().fail(new Error('The encoder is gone'));
      await Promise.resolve();
    }
    expect(recorders).toHaveLength(3);
    expect([broadcast.phase, broadcast.failure]).toEqual(['off', { kind: 'recorder', error: new Error('The encoder is gone') }]);
  });

  it('is off when the browser can’t record', () => {
    const { broadcast, socket } = scene(() => {
      throw new Error('No such type');
    });
    broadcast.start();
    socket().open();
    socket().tell({ type: 'ready' });
    expect([broadcast.phase, broadcast.failure]).toEqual(['off', { kind: 'recorder', error: new Error('No such type') }]);
  });
});
