import { EventEmitter } from 'node:events';
import { WebSocket } from 'ws';
import { Heartbeat } from '../../../src/socket/heartbeat';
import { FakeClock } from '../../support/fake-clock';

/** As much of a socket as a heartbeat touches. */
class FakeSocket extends EventEmitter {
  readonly OPEN = WebSocket.OPEN;
  readyState: number = WebSocket.OPEN;
  pings = 0;
  terminated = false;

  ping(): void {
    this.pings++;
  }

  terminate(): void {
    this.terminated = true;
    this.emit('close');
  }

  asSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}

/** A clock that runs from one ping to the next. */
function handClock(): { clock: FakeClock; beat: () => void } {
  const clock = new FakeClock();
  return { clock, beat: () => clock.pass(15_000) };
}

describe('a heartbeat', () => {
  it('cuts off a socket that leaves two pings in a row unanswered', () => {
    const { clock, beat } = handClock();
    const socket = new FakeSocket();
    new Heartbeat(clock).watch(socket.asSocket());
    beat();
    beat();
    expect([socket.pings, socket.terminated]).toEqual([2, false]);
    beat();
    expect([socket.pings, socket.terminated]).toEqual([2, true]);
  });

  it.each(['pong', 'message'])('keeps a socket that gives a sign of life by a %s', (sign) => {
    const { clock, beat } = handClock();
    const socket = new FakeSocket();
    new Heartbeat(clock).watch(socket.asSocket());
    for (let count = 0; count < 5; count++) {
      beat();
      beat();
      socket.emit(sign);
    }
    expect(socket.terminated).toBe(false);
  });

  it('needs one timer for all sockets, and none for none', () => {
    const clock = new FakeClock();
    const heartbeat = new Heartbeat(clock);
    const sockets = [new FakeSocket(), new FakeSocket()];
    expect(clock.pending).toBe(0);
    for (const socket of sockets) heartbeat.watch(socket.asSocket());
    sockets[0]!.emit('close');
    expect(clock.pending).toBe(1);
    sockets[1]!.emit('close');
    expect(clock.pending).toBe(0);
  });
});
