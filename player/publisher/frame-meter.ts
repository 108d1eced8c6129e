/** How long frames are counted over, ms. */
const SPAN = 2_000;

/** Counts frames a second. */
export class FrameMeter {
  #times: number[] = [];

  count(now: number): void {
    this.#times.push(now);
    while (this.#times[0] !== undefined && this.#times[0] < now - SPAN) this.#times.shift();
  }

  /** Frames a second of late. */
  rate(now: number): number {
    const late = this.#times.filter((at) => at >= now - SPAN);
    const [first, last] = [late[0], late.at(-1)];
    return first === undefined || last === undefined || late.length < 2 ? 0 : ((late.length - 1) * 1000) / Math.max(last - first, now - 500 - first);
  }
}
