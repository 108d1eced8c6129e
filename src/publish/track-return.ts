/** A track that comes for less than this, ms, after it was put back is not steady. */
const STEADY = 60_000;
/** How long a track that isn't steady has to come before it is put back, ms: at first, and at most. It doubles each time. */
const LEAST_WAIT = 4_000;
const MOST_WAIT = 64_000;
/** A pause of this length, ms, begins the wait anew. */
const PAUSE = 2_000;

/**
 * Decides when a track that was left out is put back. Each time costs all viewers a new epoch, so a track that stops and comes back
 * again and again has to come for longer and longer first. Times in ms, monotonic. Pure.
 */
export class TrackReturn {
  #wait = 0;
  #backAt = -Infinity;
  /** Since when it has come without a pause, and when it came last. */
  #since = 0;
  #cameAt = -Infinity;

  /** It is left out from now on. */
  leftOut(now: number): void {
    this.#wait = now - this.#backAt < STEADY ? Math.min(MOST_WAIT, Math.max(LEAST_WAIT, this.#wait * 2)) : 0;
    this.#cameAt = -Infinity;
  }

  /** Some of it has come. */
  came(now: number): void {
    if (now - this.#cameAt > PAUSE) this.#since = now;
    this.#cameAt = now;
  }

  /** Whether it is to be put back. */
  isDue(now: number): boolean {
    return now - this.#cameAt <= PAUSE && now - this.#since >= this.#wait;
  }

  /** It is put back. */
  back(now: number): void {
    this.#backAt = now;
  }
}
