/** Seconds by which what comes may be off, such as a network's jitter, before the clock is set anew. */
const TOLERANCE = 0.25;

/**
 * Tells when media was captured. Arrival jitters, and never comes early: so the earliest is believed, and a later one only when it is
 * off by more than jitter.
 */
export class ProgramClock {
  /** Unix time in ms at media time 0. */
  #zero: number | undefined;

  /** A new timeline: its times have nothing to do with those before. */
  reset(): void {
    this.#zero = undefined;
  }

  /** Media time `media`, seconds, was there at `wall`, Unix ms. */
  see(media: number, wall: number): void {
    const zero = wall - media * 1000;
    if (this.#zero === undefined || zero < this.#zero || zero - this.#zero > TOLERANCE * 1000) this.#zero = zero;
  }

  /** Unix time in ms of `media`, seconds. */
  wallOf(media: number): number {
    return Math.round((this.#zero ?? 0) + media * 1000);
  }
}
