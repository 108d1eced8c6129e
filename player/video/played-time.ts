/**
 * How long a video has played, ms: without pauses, stalls, seeks, and the time it takes to begin anew. By this clock a failure is as recent on
 * a slow machine as on a fast one. Pure.
 */
export class PlayedTime {
  #ms = 0;
  #lookedAt = 0;
  #position = Infinity;

  get ms(): number {
    return this.#ms;
  }

  /** To be called often. @param now ms, monotonic. @param position of the video, seconds. */
  look(now: number, position: number): void {
    // A seek moves it further than the time that has passed.
    if (position > this.#position) this.#ms += Math.min((position - this.#position) * 1000, now - this.#lookedAt);
    this.#lookedAt = now;
    this.#position = position;
  }
}
