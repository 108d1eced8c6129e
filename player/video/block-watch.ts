/** A page in which nothing ran for so long was blocked, ms: what has piled up meanwhile is told in this time, and isn't heeded. */
const BLOCKED = 400;
const CATCH_UP = 200;

/** Notices that the page was blocked: what a feed has told meanwhile is old, and the video would be far beyond a live edge that is. Pure. */
export class BlockWatch {
  #awakeAt: number;
  #heedsFrom = 0;

  /** @param now ms, as for all its methods. */
  constructor(now: number) {
    this.#awakeAt = now;
  }

  /** To be called often, and before anything that was told is heeded. @returns whether the page was blocked until now. */
  notice(now: number): boolean {
    const blocked = now - this.#awakeAt > BLOCKED;
    if (blocked) this.#heedsFrom = now + CATCH_UP;
    this.#awakeAt = now;
    return blocked;
  }

  /** Whether what is old is still being told. */
  isCatchingUp(now: number): boolean {
    return now < this.#heedsFrom;
  }
}
