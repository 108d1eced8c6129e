import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { Heartbeat } from '../../../src/socket/heartbeat';
import { FakeClock } from '../../support/fake-clock';

/** As much of a socket as a heartbeat touches. */
class FakeSocket extends EventEmitter {
  readonly OPEN = WebSocket.OPEN;
  readyState: number = WebSocket.OPEN;
  /** Of the connection below. */
  bytesRead = 0;
  pings = 0;
  terminated = false;

  ping(): void {
    this.pings++;
  }

  terminate(): void {
    this.terminated = true;
    this.emit('close');
  }

  watchedBy(heartbeat: Heartbeat): this {
    heartbeat.watch(this as unknown as WebSocket, this as unknown as Socket);
    return this;
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
    const socket = new FakeSocket().watchedBy(new Heartbeat(clock));
    beat();
    beat();
    expect([socket.pings, socket.terminated]).toEqual([2, false]);
    beat();
    expect([socket.pings, socket.terminated]).toEqual([2, true]);
  });

  it('keeps a socket from which anything comes, if only a part of a message', () => {
    const { clock, beat } = handClock();
    const socket = new FakeSocket().watchedBy(new Heartbeat(clock));
    for (let count = 0; count < 5; count++) {
      beat();
      beat();
      socket.bytesRead++;
    }
    expect(socket.terminated).toBe(false);
  });

  it('needs one timer for all sockets, and none for none', () => {
    const clock = new FakeClock();
    const heartbeat = new Heartbeat(clock);
    const sockets = [new FakeSocket(), new FakeSocket()];
    expect(clock.pending).toBe(0);
    for (const socket of sockets) socket.watchedBy(heartbeat);
    sockets[0]!.emit('close');
    expect(clock.pending).toBe(1);
    sockets[1]!.emit('close');
    expect(clock.pending).toBe(0);
  });
});
