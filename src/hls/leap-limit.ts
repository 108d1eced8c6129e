/** How many timelines may begin at once. */
const BURST = 8;
/** Then one may begin each so many ms. */
const INTERVAL = 1_000;

/**
 * How often a timeline may begin anew: each begins a segment, however short the one before is. A publisher that comes back, or
 * whose clock is set, does so now and then; one whose times leap with every frame would make a segment of each.
 */
export class LeapLimit {
  readonly #now: () => number;
  /** Up to when the leaps so far use up the time, monotonic ms. */
  #usedUntil = -Infinity;

  /** `now` is monotonic, ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether another timeline may begin now; if so, it counts. */
  take(): boolean {
    const now = this.#now();
    if (this.#usedUntil - now > (BURST - 1) * INTERVAL) return false;
    this.#usedUntil = Math.max(this.#usedUntil, now) + INTERVAL;
    return true;
  }
}
