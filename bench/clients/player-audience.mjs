import { setTimeout as wait } from 'node:timers/promises';
import { LightSocket } from './light-socket.mjs';

/** How long all may take until they play, ms: longer than any goal. */
const LIMIT = 60_000;

/** So many players, and when each of them plays. */
export class Audience {
  tries = 0;
  /** @type {(number | undefined)[]} */
  #playedAt;
  /** Who has begun anew: what was still on its way of the relay that has ended doesn't count. */
  #begun = new Set();
  #options;
  #connections;

  /**
   * @param {number} count
   * @param {{ url: URL, WatchConnection: typeof import('../../player/video/watch-connection.js').WatchConnection }} options
   */
  constructor(count, options) {
    this.#options = options;
    this.#playedAt = Array.from({ length: count });
    this.#connections = this.#playedAt.map((_, index) => this.#connection(index));
    for (const connection of this.#connections) connection.open();
  }

  /** Only what is played from now on counts. */
  begin() {
    this.tries = 0;
    this.#playedAt.fill(undefined);
    this.#begun.clear();
  }

  /** When each of them has begun to play, once all have. */
  async allPlay() {
    for (const since = performance.now(); performance.now() - since < LIMIT; await wait(20)) {
      const times = this.#playedAt.flatMap((at) => at ?? []);
      if (times.length === this.#playedAt.length) return times;
    }
    throw new Error(`${this.#playedAt.filter((at) => at === undefined).length} viewers don't play after ${LIMIT / 1000} s`);
  }

  close() {
    for (const connection of this.#connections) connection.close();
  }

  /** @param {number} index */
  #connection(index) {
    const nothing = () => undefined;
    const { url, WatchConnection } = this.#options;
    return new WatchConnection({
      url,
      connect: (address) => {
        this.tries++;
        return /** @type {WebSocket} */ (/** @type {unknown} */ (new LightSocket(address)));
      },
      listener: {
        init: () => void this.#begun.add(index),
        media: () => {
          if (this.#begun.has(index)) this.#playedAt[index] ??= performance.now();
        },
        refused: ({ code }) => {
          throw new Error(`A viewer is refused: ${code}`);
        },
        ...{ connecting: nothing, resumed: nothing, waiting: nothing, clock: nothing, skipped: nothing, ended: nothing, blocked: nothing },
      },
    });
  }
}
