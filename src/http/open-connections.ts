import type { Socket } from 'node:net';
import { guardedClock, once } from '../base/guard';

/** How long a relay that stops gives a connection to take what is queued for it, ms: more than a viewer may lag that isn't skipped. */
const FLUSH_TIME = 2_500;
/** How long it gives one for which nothing is queued to close, ms. */
const CLOSE_TIME = 500;
/** How often it looks at them, ms. */
const LOOK_INTERVAL = 50;

/** Connections that are to end in order. */
export class OpenConnections {
  /** By their other end: of TLS and the connection below it, the later. One that has been reset already has none. */
  readonly #sockets = new Map<string | Socket, Socket>();

  /** Adds a connection, until it closes or the returned function is called. */
  add(socket: Socket): () => void {
    const { remoteAddress, remotePort } = socket;
    const end = remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort}`;
    const remove = (): void => {
      if (this.#sockets.get(end) === socket) this.#sockets.delete(end);
    };
    this.#sockets.set(end, socket);
    const forget = once(socket, 'close', remove);
    return () => {
      forget();
      remove();
    };
  }

  /**
   * Resolves when every connection has ended, upgraded ones too. One that has something queued may take its time to send
   * it, up to 2.5 s in all; one that hasn't is destroyed if it doesn't close within half a second.
   */
  async end(): Promise<void> {
    const closed = Promise.all([...this.#sockets.values()].map((socket) => new Promise((resolve) => once(socket, 'close', resolve))));
    const deadline = performance.now() + FLUSH_TIME;
    const lastQueued = new Map<Socket, number>();
    const look = (): void => {
      const now = performance.now();
      for (const socket of this.#sockets.values()) {
        if (socket.writableLength > 0 || !lastQueued.has(socket)) lastQueued.set(socket, now);
        if (now >= deadline || now - (lastQueued.get(socket) ?? now) >= CLOSE_TIME) socket.destroy();
      }
    };
    const stopLooking = guardedClock.every(LOOK_INTERVAL, look);
    look();
    await closed;
    stopLooking();
  }
}
