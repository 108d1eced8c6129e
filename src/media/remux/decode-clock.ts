/** A step of more seconds than this is a leap, and the times begin anew behind it: at a frame that can be decoded by itself, and at any. */
const LEAP = { restart: 1, any: 60 };
/** What a signed composition offset holds. */
const MAX_OFFSET = 2 ** 31 - 1;

/**
 * Gives frames the decode times that Matroska doesn't have: their presentation times in order, `depth` frames later. Of frames
 * that are reordered over at most `depth` others, the one `depth` frames before in that order has always come. So no frame waits
 * for another, none is decoded after it is shown, and times rise by at least a tick.
 */
export class DecodeClock {
  readonly #depth: number;
  readonly #timescale: number;
  readonly #step: number;
  /** Presentation times that are no decode time yet, rising: at most `depth`. */
  readonly #pending: number[] = [];
  /** First presentation time since the times began anew. */
  #first = 0;
  #highest = -Infinity;
  #last: number | undefined;
  #lastDue: number | undefined;
  #interval: number | undefined;

  /** @param options `step`: what a frame lasts while nothing else is known. Ticks, but for the `depth`. */
  constructor({ depth, timescale, step }: { depth: number; timescale: number; step: number }) {
    this.#depth = depth;
    this.#timescale = timescale;
    this.#step = step;
  }

  /** The last interval between two presentation times, if there has been any, ticks. */
  get interval(): number | undefined {
    return this.#interval;
  }

  /** The decode time of the next frame, which is shown at `time` (ticks). Everything before a `restart` is shown before it. */
  next(time: number, restart: boolean): number {
    if (this.#leaps(time, restart)) this.#beginAnew(time);
    this.#highest = Math.max(this.#highest, time);
    this.#insert(time);
    const due = Math.max(this.#due(), time - MAX_OFFSET);
    this.#last = Math.max(due, this.#last === undefined ? 0 : this.#last + 1);
    return this.#last;
  }

  #leaps(time: number, restart: boolean): boolean {
    if (this.#last === undefined) return true;
    if (restart && time <= this.#last) return true;
    const leap = (restart ? LEAP.restart : LEAP.any) * this.#timescale;
    return time - this.#highest > leap || this.#last - time > leap;
  }

  #beginAnew(time: number): void {
    if (this.#last !== undefined && time <= this.#last) this.#last = undefined;
    this.#pending.length = 0;
    this.#first = time;
    this.#highest = time;
    this.#lastDue = undefined;
  }

  #insert(time: number): void {
    const behind = this.#pending.findIndex((other) => other > time);
    this.#pending.splice(behind < 0 ? this.#pending.length : behind, 0, time);
  }

  #due(): number {
    const ahead = this.#depth + 1 - this.#pending.length;
    if (ahead > 0) return this.#first - ahead * Math.min(this.#step, Math.floor(this.#first / this.#depth));
    const due = this.#pending.shift() ?? 0;
    if (this.#lastDue !== undefined && due > this.#lastDue) this.#interval = due - this.#lastDue;
    this.#lastDue = due;
    return due;
  }
}
