/** More than this, ms, between what is known and what is heard means that a clock was set. */
const SET = 1_500;

/** The relay's time as its answers tell it, which a visitor's wrong clock doesn't change. Good to a second. */
export class RelayTime {
  readonly #monotonic: () => number;
  #offset = NaN;

  /** @param monotonic ms; replaced in tests. */
  constructor(monotonic: () => number = () => performance.now()) {
    this.#monotonic = monotonic;
  }

  /** Learns from the `Date` header of an answer that has just come. It counts whole seconds, so one is as good as the next. */
  learn(date: string | null): void {
    this.hear(Date.parse(date ?? '') + 500);
  }

  /** Learns from a time that the relay has just told, Unix ms. */
  hear(now: number): void {
    const heard = now - this.#monotonic();
    if (Number.isNaN(heard) || Math.abs(heard - this.#offset) <= SET) return;
    this.#offset = heard;
  }

  /** Unix time, ms: the visitor's own as long as nothing was heard. */
  now(): number {
    return Number.isNaN(this.#offset) ? Date.now() : this.#monotonic() + this.#offset;
  }
}
