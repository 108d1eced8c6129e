import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { once } from '../base/guard';
import type { Clock } from '../relay/clock';

/** Time between two pings, ms. */
const INTERVAL = 15_000;
/** How many pings in a row may stay without an answer. */
const MAX_UNANSWERED = 2;

/** What is known of one socket. */
interface Pulse {
  readonly connection: Socket;
  /** Bytes that had come when it was looked at last. */
  read: number;
  unanswered: number;
}

/**
 * Pings sockets, all by one timer, and cuts off those that have gone without a word. Whatever comes from a client is a sign
 * of life: in the midst of a large message it can't answer.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #pulses = new Map<WebSocket, Pulse>();
  #stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches over a socket, and the connection below it, until it closes. */
  watch(socket: WebSocket, connection: Socket): void {
    this.#pulses.set(socket, { connection, read: connection.bytesRead, unanswered: 0 });
    once(socket, 'close', () => this.#forget(socket));
    this.#stop ??= this.#clock.every(INTERVAL, () => this.#beat());
  }

  #beat(): void {
    for (const [socket, pulse] of this.#pulses) {
      const { bytesRead } = pulse.connection;
      if (bytesRead > pulse.read) pulse.unanswered = 0;
      pulse.read = bytesRead;
      if (pulse.unanswered >= MAX_UNANSWERED) {
        socket.terminate();
      } else {
        pulse.unanswered++;
        if (socket.readyState === socket.OPEN) socket.ping();
      }
    }
  }

  #forget(socket: WebSocket): void {
    this.#pulses.delete(socket);
    if (this.#pulses.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}
