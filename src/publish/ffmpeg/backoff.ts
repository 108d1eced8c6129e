/** The time before the second try, ms. It doubles from try to try. */
const FIRST = 1_000;
const LONGEST = 30_000;

/** How long to wait before the next try: ever longer, up to 30 s, and never for all at the same moment. */
export class Backoff {
  readonly #random: () => number;
  #next = FIRST;

  /** @param random gives numbers from 0 to 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The wait after one more failure, ms: between half of its time and all of it. */
  next(): number {
    const time = this.#next;
    this.#next = Math.min(time * 2, LONGEST);
    return time * (0.5 + this.#random() / 2);
  }

  /** It went well for a while: the next failure counts as the first. */
  reset(): void {
    this.#next = FIRST;
  }
}
