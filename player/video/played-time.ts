/**
 * How long a video has played, ms: without pauses, stalls, seeks, and the time it takes to begin anew. By this clock a failure is as recent on
 * a slow machine as on a fast one. Pure.
 */
export class PlayedTime {
  #ms = 0;
  #last: { readonly now: number; readonly position: number } | undefined;

  get ms(): number {
    return this.#ms;
  }

  /** To be called often. @param now ms, monotonic. @param position of the video, seconds. */
  look(now: number, position: number): void {
    const last = this.#last;
    this.#last = { now, position };
    if (last === undefined || position <= last.position) return;
    // A seek moves it further than the time that has passed.
    this.#ms += Math.min((position - last.position) * 1000, now - last.now);
  }
}
