/** Firefox has ten pictures before it at most, and this many are past: so it has room for as many more. */
const PICTURES = 5;
/** Pictures as far apart as some of late may come again: media seconds over which the longest wait is remembered. */
const MEMORY = 10;
/** More waits than that are as good as all: bounds memory. */
const MAX_WAITS = 600;
/** What is thought of the first picture, seconds. */
const GUESS = 1 / 30;

/**
 * How long a picture should say that it lasts, where it doesn't know, in a browser that takes it by its word: long enough that the next
 * is no gap, behind which all is dropped up to a keyframe, and not so long that it hides the pictures behind it. Seconds. Pure.
 */
export class ShownDuration {
  /** Each is longer than those behind it: the first is the longest. */
  readonly #waits: { readonly at: number; readonly length: number }[] = [];
  #last: number | undefined;

  /** For a picture of that media time. */
  of(time: number): number {
    const apart = this.#last === undefined || time <= this.#last ? GUESS : time - this.#last;
    if (this.#last !== undefined && time < this.#last) this.#waits.length = 0;
    this.#last = time;
    while ((this.#waits.at(-1)?.length ?? Infinity) <= apart) this.#waits.pop();
    this.#waits.push({ at: time, length: apart });
    while (this.#waits.length > 1 && (this.#waits.length > MAX_WAITS || (this.#waits[0]?.at ?? time) < time - MEMORY)) this.#waits.shift();
    return Math.max(PICTURES * apart, this.#waits[0]?.length ?? 0);
  }
}
