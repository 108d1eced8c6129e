import type { WebSocket } from 'ws';
import type { Clock } from '../relay/clock';

/** Time between two pings, ms. */
const INTERVAL = 15_000;
/** How many pings in a row may stay without an answer. */
const MAX_UNANSWERED = 2;

/** Pings sockets, all by one timer, and cuts off those that have gone without a word. Whatever a client sends is a sign of life. */
export class Heartbeat {
  readonly #clock: Clock;
  /** How many pings each socket has left unanswered. */
  readonly #unanswered = new Map<WebSocket, number>();
  #stop: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches over a socket until it closes. */
  watch(socket: WebSocket): void {
    const alive = (): void => void this.#unanswered.set(socket, 0);
    alive();
    socket.on('pong', alive);
    socket.on('message', alive);
    socket.once('close', () => this.#forget(socket));
    this.#stop ??= this.#clock.every(INTERVAL, () => this.#beat());
  }

  #beat(): void {
    for (const [socket, unanswered] of this.#unanswered) {
      if (unanswered >= MAX_UNANSWERED) {
        socket.terminate();
      } else {
        this.#unanswered.set(socket, unanswered + 1);
        if (socket.readyState === socket.OPEN) socket.ping();
      }
    }
  }

  #forget(socket: WebSocket): void {
    this.#unanswered.delete(socket);
    if (this.#unanswered.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }
}
