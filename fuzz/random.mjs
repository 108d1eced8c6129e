/** Numbers at which parsers go wrong: around powers of two, signs and widths. */
const EDGES = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x10001, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

/** Numbers by a seed (mulberry32): the same seed gives the same numbers. */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** 32 bits. */
  bits() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /**
   * A whole number from 0 up to but without `end`.
   * @param {number} end
   */
  below(end) {
    return end <= 0 ? 0 : Math.floor((this.bits() / 2 ** 32) * end);
  }

  /**
   * Small numbers more often than large ones, below `end`.
   * @param {number} end
   */
  small(end) {
    return this.below(1 + this.below(end));
  }

  /**
   * True once in `times`.
   * @param {number} times
   */
  oneIn(times) {
    return this.below(times) === 0;
  }

  /**
   * @template T
   * @param {readonly T[]} list Not empty.
   * @returns {T}
   */
  pick(list) {
    return /** @type {T} */ (list[this.below(list.length)]);
  }

  /** A number of up to 32 bits, mostly at an edge. */
  edge() {
    return this.oneIn(4) ? this.bits() >>> this.below(32) : this.pick(EDGES);
  }

  /** @param {number} length */
  bytes(length) {
    return Uint8Array.from({ length }, () => this.bits() & 0xff);
  }
}
