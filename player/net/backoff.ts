/** First wait, ms. */
const FIRST = 250;
/** Longest wait while the relay may just be restarting, ms. */
const LONGEST_FOR_RESTART = 1_000;
/** How long it may be away for a restart, ms: it is started again, and has to start. */
const RESTART = 15_000;
/** Longest wait after that, ms. */
const LONGEST = 8_000;

/**
 * How long to wait before the next try. The wait doubles each time: up to 1 s for as long as a restart of the relay may take, so that
 * viewers play again within a second of its return, and up to 8 s after that. Each wait is of random length, so that clients don't
 * come back together.
 */
export class Backoff {
  readonly #random: () => number;
  #limit = FIRST;
  #waited = 0;

  /** @param random gives 0 to 1; replaced in tests. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const limit = this.#limit;
    const wait = limit / 2 + (this.#random() * limit) / 2;
    this.#waited += wait;
    this.#limit = Math.min(limit * 2, this.#waited < RESTART ? LONGEST_FOR_RESTART : LONGEST);
    return wait;
  }

  /** A try has succeeded. */
  reset(): void {
    this.#limit = FIRST;
    this.#waited = 0;
  }
}
