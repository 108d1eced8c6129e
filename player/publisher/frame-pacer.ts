/** Leaves frames out where more come than are wanted, evenly. */
export class FramePacer {
  #due = -Infinity;

  /** Whether a frame of this time, ms, is to be kept. */
  keep(time: number, frameRate: number): boolean {
    const interval = 1000 / frameRate;
    // A little early counts as in time: captures are uneven.
    if (time < this.#due - interval * 0.4 && time > this.#due - 4 * interval) return false;
    this.#due = Math.abs(time - this.#due) > 4 * interval ? time + interval : this.#due + interval;
    return true;
  }
}
