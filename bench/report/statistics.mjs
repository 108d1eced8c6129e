/**
 * The middle of several measurements, and where the middle half of them lies.
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} low A quarter is below.
 * @property {number} high A quarter is above.
 */

/**
 * The value below which a share of all lies; NaN of none.
 * @param {readonly number[]} values
 * @param {number} share From 0 to 1.
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at % 1);
}

/** @param {readonly number[]} values */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spreadOf(values) {
  return { median: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/**
 * How much y grows with each x, over all points by least squares; NaN of fewer than two.
 * @param {readonly { x: number, y: number }[]} points
 */
export function slopeOf(points) {
  const mean = (/** @type {'x' | 'y'} */ of) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const center = { x: mean('x'), y: mean('y') };
  const across = points.reduce((sum, { x, y }) => sum + (x - center.x) * (y - center.y), 0);
  return across / points.reduce((sum, { x }) => sum + (x - center.x) ** 2, 0);
}

/**
 * The ratio of two measurements of the same round, over all rounds: what disturbs a round disturbs both.
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratioOf(ours, theirs) {
  return spreadOf(ours.map((value, round) => value / (theirs[round] ?? NaN)));
}

/**
 * How far two measurements of the same thing lie apart, to the edge of the middle half.
 * @param {Spread} ratio Of the thing to itself.
 */
export function noiseOf({ low, high }) {
  return Math.max(1 - low, high - 1);
}

/**
 * Whether a ratio differs from 1 by more than chance.
 * @param {Spread} ratio
 * @param {number} noise
 * @returns {'less' | 'equal within noise' | 'more'}
 */
export function compare(ratio, noise) {
  if (Math.abs(ratio.median - 1) <= noise) return 'equal within noise';
  return ratio.median < 1 ? 'less' : 'more';
}

/** Width of a class of a histogram, ms. */
const CLASS = 0.1;
/** What lies beyond is counted as this, ms. */
const LONGEST = 60_000;

/** Counts times, so that millions of them take no memory. */
export class Histogram {
  #counts = new Uint32Array(LONGEST / CLASS + 1);
  #count = 0;

  get count() {
    return this.#count;
  }

  /** @param {number} ms */
  add(ms) {
    const index = Math.min(this.#counts.length - 1, Math.max(0, Math.floor(ms / CLASS)));
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#count++;
  }

  /**
   * The time within which a share of all lies, to a tenth of a millisecond; NaN of none.
   * @param {number} share From 0 to 1.
   */
  quantile(share) {
    let left = Math.max(1, Math.ceil(this.#count * share));
    for (const [index, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return index * CLASS;
    }
    return NaN;
  }
}
