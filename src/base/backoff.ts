/** The time before the second try, ms. It doubles from try to try. */
const FIRST = 1_000;
const LONGEST = 30_000;

/** How long to wait before the next try: ever longer, up to 30 s or what is said, and never for all at the same moment. */
export class Backoff {
  readonly #random: () => number;
  readonly #first: number;
  readonly #longest: number;
  #next: number;

  /** @param random gives numbers from 0 to 1. */
  constructor(random: () => number = Math.random, { first = FIRST, longest = LONGEST }: { first?: number; longest?: number } = {}) {
    this.#random = random;
    this.#first = this.#next = first;
    this.#longest = longest;
  }

  /** The wait after one more failure, ms: between half of its time and all of it. */
  next(): number {
    const time = this.#next;
    this.#next = Math.min(time * 2, this.#longest);
    return time * (0.5 + this.#random() / 2);
  }

  /** It went well for a while: the next failure counts as the first. */
  reset(): void {
    this.#next = this.#first;
  }
}
