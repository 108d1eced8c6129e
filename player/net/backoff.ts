/** First wait, ms. */
const FIRST = 250;
/** Longest wait, ms. */
const LONGEST = 8_000;

/** How long to wait before the next try: twice as long each time, each of random length so that clients don't come back together. */
export class Backoff {
  readonly #random: () => number;
  #tries = 0;

  /** @param random gives 0 to 1; replaced in tests. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next try. */
  next(): number {
    const limit = Math.min(FIRST * 2 ** this.#tries, LONGEST);
    this.#tries = Math.min(this.#tries + 1, 16);
    return limit / 2 + (this.#random() * limit) / 2;
  }

  /** A try has succeeded. */
  reset(): void {
    this.#tries = 0;
  }
}
