/** Frames that may come at once behind a pause: captures are uneven, and none is to be left out for that. */
const BURST = 2;
/** So near to a whole frame counts as one. */
const NEARLY = 0.95;

/** Leaves frames out where more come than are wanted, evenly. */
export class FramePacer {
  #room = BURST;
  #last: number | undefined;

  /** Whether a frame of this time, ms, is to be kept. */
  keep(time: number, frameRate: number): boolean {
    const passed = Math.max(0, time - (this.#last ?? time));
    this.#last = time;
    this.#room = Math.min(BURST, this.#room + (passed * frameRate) / 1000);
    if (this.#room < NEARLY) return false;
    this.#room -= 1;
    return true;
  }
}
