import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { SluiceError } from '../../../src/protocol/error-code';
import { limitPublisher, limitViewer } from '../../../src/socket/message-limit';
import type { RelaySocket } from '../../../src/socket/relay-socket';
import { FakeClock } from '../../support/fake-clock';

/** As much of a socket, and of the connection below it, as the limits touch. */
class FakeSocket extends EventEmitter {
  readonly refusals: string[] = [];

  refuse(error: SluiceError): void {
    this.refusals.push(error.code);
  }
}

const TEXT = Buffer.from('{"type":"ping","id":1}');

function limited(role: 'publisher' | 'viewer'): { clock: FakeClock; socket: FakeSocket; connection: EventEmitter } {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const connection = new EventEmitter();
  if (role === 'publisher') limitPublisher(socket as unknown as RelaySocket, { clock, perSecond: 100 });
  else limitViewer(socket as unknown as RelaySocket, { connection: connection as unknown as Socket, clock, perSecond: 100 });
  return { clock, socket, connection };
}

describe.each(['publisher', 'viewer'] as const)('a %s', (role) => {
  it('may send a hundred messages, pings and pongs a second, day and night', () => {
    const { clock, socket } = limited(role);
    for (let count = 0; count < 100_000; count++) {
      clock.pass(10);
      socket.emit(['message', 'ping', 'pong'][count % 3]!, TEXT, false);
    }
    expect(socket.refusals).toEqual([]);
  });

  it.each(['message', 'ping', 'pong'])('is refused when it sends more than the burst by %s', (kind) => {
    const { socket } = limited(role);
    for (let count = 0; count < 500; count++) socket.emit(kind, TEXT, false);
    expect(socket.refusals).toEqual([]);
    socket.emit(kind, TEXT, false);
    expect(socket.refusals).toEqual(['too-many']);
  });

  it('that was refused nothing for long may send no more at once than the burst', () => {
    const { clock, socket } = limited(role);
    clock.pass(86_400_000);
    for (let count = 0; count < 501; count++) socket.emit('ping', TEXT);
    expect(socket.refusals).toEqual(['too-many']);
  });

  it('is refused a text message above 64 KiB', () => {
    const { socket } = limited(role);
    socket.emit('message', Buffer.alloc(64 << 10), false);
    expect(socket.refusals).toEqual([]);
    socket.emit('message', Buffer.alloc((64 << 10) + 1), false);
    expect(socket.refusals).toEqual(['message-too-large']);
  });
});

describe('binary messages', () => {
  it('of a publisher are media, and as many as they are', () => {
    const { socket } = limited('publisher');
    for (let count = 0; count < 10_000; count++) socket.emit('message', Buffer.alloc(1 << 10), true);
    expect(socket.refusals).toEqual([]);
  });

  it('of a viewer are counted as any message', () => {
    const { socket } = limited('viewer');
    for (let count = 0; count < 501; count++) socket.emit('message', Buffer.alloc(0), true);
    expect(socket.refusals).toEqual(['too-many']);
  });
});

describe('the bytes of a viewer', () => {
  it('may be 64 KiB a second, and 512 KiB at once, in messages or not', () => {
    const { clock, socket, connection } = limited('viewer');
    connection.emit('data', Buffer.alloc(512 << 10));
    for (let second = 0; second < 100; second++) {
      clock.pass(1_000);
      connection.emit('data', Buffer.alloc(64 << 10));
    }
    expect(socket.refusals).toEqual([]);
    connection.emit('data', Buffer.alloc(1));
    expect(socket.refusals).toEqual(['too-many']);
  });
});
