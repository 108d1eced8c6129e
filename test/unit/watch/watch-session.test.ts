import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../../src/protocol/subprotocol';
import type { WatchEvent } from '../../../src/protocol/watch-message';
import { Peer } from '../../../src/socket/peer';
import { WatchSession } from '../../../src/watch/watch-session';
import { delta, key } from '../../support/fake-media';
import { FakeRelay } from '../../support/fake-relay';

/** As much of a connection as a peer touches; it takes bytes only when the test lets it. */
class FakeConnection extends EventEmitter {
  writableLength = 0;
  writes = 0;

  get writableNeedDrain(): boolean {
    return this.writableLength > 0;
  }

  cork(): void {}

  uncork(): void {}

  write(bytes: Uint8Array): boolean {
    this.writes++;
    this.writableLength += bytes.length;
    return false;
  }

  drain(): void {
    this.writableLength = 0;
    this.emit('drain');
  }
}

/** As much of a WebSocket that speaks `sluice.v1` as a peer touches. */
class FakeSocket extends EventEmitter {
  readonly protocol = SUBPROTOCOL;
  readyState: number = WebSocket.OPEN;
  isPaused = false;
  readonly told: WatchEvent[] = [];

  send(text: string): void {
    this.told.push(JSON.parse(text) as WatchEvent);
  }

  close(): void {
    this.readyState = WebSocket.CLOSING;
  }
}

/** A viewer on a socket of a stream that is live. */
function setUp() {
  const relay = new FakeRelay();
  const feed = relay.live();
  feed.chunk(key({ size: 2 << 20 }));
  const connection = new FakeConnection();
  const socket = new FakeSocket();
  const peer = new Peer(socket as unknown as WebSocket, connection as unknown as Socket);
  new WatchSession({ peer, name: 'cam', address: '::1', query: new URLSearchParams(), reports: () => undefined, grant: { who: 'test' }, ask: () => Promise.reject(new Error('Nobody is asked')), registry: relay.registry, clock: relay.clock });
  const say = (message: object): void => void socket.emit('message', Buffer.from(JSON.stringify(message)), false);
  const types = (): string[] => socket.told.splice(0).map(({ type }) => type);
  return { relay, feed, connection, socket, say, types };
}

describe('a viewer on a socket', () => {
  it('that plays while it is full, without having paused, goes on once it has taken what is queued', () => {
    const { feed, connection, say, types } = setUp();
    feed.chunk(delta());
    const { writes } = connection;
    say({ type: 'play', id: 1 });
    types();
    connection.drain();
    expect(connection.writes).toBe(writes);
    feed.chunk(delta());
    expect(connection.writes).toBe(writes + 1);
  });

  it('that pauses and plays while it is full is sent media once it has taken what is queued', () => {
    const { feed, connection, say, types } = setUp();
    const { writes } = connection;
    types();
    say({ type: 'pause', id: 1 });
    say({ type: 'play', id: 2 });
    feed.chunk(delta());
    expect([types(), connection.writes]).toEqual([['ok', 'ok'], writes]);
    connection.drain();
    expect([types(), connection.writes]).toEqual([['init', 'clock'], writes + 2]);
    connection.drain();
    expect(connection.writes).toBe(writes + 3);
  });

  it('that pauses again before it has taken what is queued stays paused', () => {
    const { feed, connection, say, types } = setUp();
    const { writes } = connection;
    for (const type of ['pause', 'play', 'pause']) say({ type });
    connection.drain();
    feed.chunk(delta());
    types();
    expect(connection.writes).toBe(writes);
  });

  it('whose request cannot be read is told which it was, if it has a number', () => {
    const { socket, say, types } = setUp();
    types();
    say({ type: 'rewind', id: 7 });
    socket.emit('message', Buffer.from('{"type":"rewind","id":1e999}'), false);
    say({ type: 'rewind', id: 'seven' });
    expect(socket.told.map((event) => ('id' in event ? event.id : 'none'))).toEqual([7, 'none', 'none']);
  });

  it('that is gone leaves the stream', () => {
    const { feed, socket } = setUp();
    expect(feed.viewers).toBe(1);
    socket.emit('close', 1006);
    expect(feed.viewers).toBe(0);
  });
});
