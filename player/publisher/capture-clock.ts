/** How long the quickest arrival counts, ms: twice that at most. */
const SPAN = 5_000;
/** A timestamp that is off by so much belongs to another timeline, ms. */
const JUMP = 1_000;

/**
 * Says when something was captured, by this context's clock: cameras and microphones stamp by clocks of their own, and what they give
 * comes now and then late. The quickest arrival of the last seconds tells how the clocks stand to each other.
 */
export class CaptureClock {
  #offset = Infinity;
  #previous = Infinity;
  #since = 0;
  #last = -Infinity;

  /** @param timestamp µs of the source's clock. @param now ms. @returns ms of this clock. */
  captured(timestamp: number, now: number): number {
    const offset = now - timestamp / 1000;
    const known = Math.min(this.#offset, this.#previous);
    // Chromium stamps a microphone's first piece by the clock of the page, whatever follows by that of the worker that reads it.
    const isBack = timestamp < this.#last;
    this.#last = timestamp;
    if (known === Infinity || isBack || offset < known - JUMP || offset > known + 10 * JUMP) {
      this.#offset = offset;
      this.#previous = Infinity;
      this.#since = now;
    } else if (now - this.#since > SPAN) {
      this.#previous = this.#offset;
      this.#offset = offset;
      this.#since = now;
    } else {
      this.#offset = Math.min(this.#offset, offset);
    }
    return timestamp / 1000 + Math.min(this.#offset, this.#previous);
  }
}
