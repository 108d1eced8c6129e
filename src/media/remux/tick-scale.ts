const VIDEO_TIMESCALE = 90_000;
const MAX_VIDEO_TIMESCALE = 1e7;

/** Turns the ticks of Matroska, of so many nanoseconds each, into those of an MP4 track, exactly where they meet and else to the nearest. */
export class TickScale {
  /** Of the MP4 track: ticks a second. */
  readonly timescale: number;
  readonly #numerator: number;
  readonly #denominator: number;

  /** @param timestampScale nanoseconds a tick: at most 10^9. */
  constructor(timestampScale: number, timescale: number) {
    this.timescale = timescale;
    const common = greatestCommonDivisor(timestampScale * timescale, 1e9);
    this.#numerator = (timestampScale * timescale) / common;
    this.#denominator = 1e9 / common;
  }

  /**
   * One whose ticks are whole parts of Matroska's, and at least 90,000 a second: no time is rounded, and there is room between two.
   * Where that is too fine for the 32 bits of a composition offset, 90,000 a second.
   */
  static forVideo(timestampScale: number): TickScale {
    const exact = 1e9 / greatestCommonDivisor(timestampScale, 1e9);
    return new TickScale(timestampScale, exact > MAX_VIDEO_TIMESCALE ? VIDEO_TIMESCALE : exact * Math.ceil(VIDEO_TIMESCALE / exact));
  }

  convert(ticks: number): number {
    const whole = Math.floor(ticks / this.#denominator);
    return whole * this.#numerator + Math.round(((ticks - whole * this.#denominator) * this.#numerator) / this.#denominator);
  }

  /** The nearest of Matroska's ticks, at least one. */
  invert(ticks: number): number {
    return Math.max(1, Math.round((ticks * this.#denominator) / this.#numerator));
  }

  /** Ticks of the MP4 track for `nanoseconds`, to the nearest, at least one. */
  ofNanoseconds(nanoseconds: number): number {
    return Math.max(1, Math.round((nanoseconds * this.timescale) / 1e9));
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
