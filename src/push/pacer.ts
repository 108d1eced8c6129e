import type { Chunk } from '../media/chunk';

/** A chunk that goes out later than this, ms, sets a new pace: nothing is rushed after a wait. */
const LATE = 500;

/** When each chunk is due, if media is sent as fast as it plays. Times are those of the clock, ms. */
export class Pacer {
  /** The time at which media time 0 is due. */
  #origin: number | undefined;
  /** Media time of what was paced last, s. */
  #last = 0;

  /** When the chunk should go out. */
  due(chunk: Chunk, now: number): number {
    // A jump back, or one of more than a few seconds, is a new timeline.
    if (this.#origin === undefined || chunk.start < this.#last - 2 || chunk.start > this.#last + 10) this.#origin = now - chunk.start * 1000;
    this.#last = chunk.start;
    return this.#origin + chunk.start * 1000;
  }

  /**
   * The chunk goes out now, or comes late itself, and nothing waits before it: if it is by much, the rest keeps that distance.
   */
  settle(chunk: Chunk, now: number): void {
    if (this.#origin !== undefined && now - (this.#origin + chunk.start * 1000) > LATE) this.reset();
  }

  /** The next chunk is due at once. */
  reset(): void {
    this.#origin = undefined;
  }
}
