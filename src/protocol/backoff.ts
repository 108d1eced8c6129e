/** How fast waits grow. Times in ms. */
interface BackoffPace {
  /** The first wait. */
  readonly first: number;
  /** The longest wait, after so much time was waited in all. */
  readonly longest: (waited: number) => number;
}

/**
 * For what waits on the relay: no wait is longer than 1 s for as long as the relay may take to restart, 15 s, so that viewers play again
 * within a second of its return.
 */
export const RECONNECT: BackoffPace = { first: 250, longest: (waited) => (waited < 15_000 ? 1_000 : 8_000) };
/** For what the relay itself waits on. */
export const RETRY: BackoffPace = { first: 1_000, longest: () => 30_000 };

/**
 * How long to wait before the next try. The wait doubles each time, up to the longest, and is of random length, between half of its time
 * and all of it, so that clients don't come back together.
 */
export class Backoff {
  readonly #random: () => number;
  readonly #pace: BackoffPace;
  #limit: number;
  #waited = 0;

  /** @param random gives 0 to 1; replaced in tests. */
  constructor(random: () => number = Math.random, pace = RECONNECT) {
    this.#random = random;
    this.#pace = pace;
    this.#limit = pace.first;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const limit = this.#limit;
    const wait = limit * (0.5 + this.#random() / 2);
    this.#waited += wait;
    this.#limit = Math.min(limit * 2, this.#pace.longest(this.#waited));
    return wait;
  }

  /** A try has succeeded: the next failure counts as the first. */
  reset(): void {
    this.#limit = this.#pace.first;
    this.#waited = 0;
  }
}
