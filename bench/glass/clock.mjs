/** The size of the picture that carries the clock, pixels. */
export const WIDTH = 640;
export const HEIGHT = 360;
/** How high its bars are, from the top, pixels. */
export const BARS = 32;
/** The time in ms, up to where it begins again, and a check of it. */
const TIME_BITS = 24;
const CHECK_BITS = 8;
const BITS = TIME_BITS + CHECK_BITS;
const BAR = WIDTH / BITS;
/** The clock begins again after so many ms, 4.6 hours. */
const ROUND = 2 ** TIME_BITS;
/** So far ahead of now a time may be that was read: clocks of one machine differ by their rounding, ms. */
const AHEAD = 1_000;
/** The luma of a bar, as video has it, and what lies between them. */
const DARK = 16;
const BRIGHT = 235;
const BETWEEN = 128;

/**
 * Draws a time into a row of luma, as bars that no encoder loses: black is 0, white is 1, the highest bit first.
 * @param {number} time ms.
 * @returns {Uint8Array}
 */
export function barsOf(time) {
  const value = Math.floor(time) % ROUND;
  const code = value * 2 ** CHECK_BITS + checkOf(value);
  const row = new Uint8Array(WIDTH);
  for (let bit = 0; bit < BITS; bit++) row.fill(isSet(code, BITS - 1 - bit) ? BRIGHT : DARK, bit * BAR, (bit + 1) * BAR);
  return row;
}

/**
 * How long ago the time was that a row of pixels tells, ms; undefined if none can be read.
 * @param {Uint8Array | Uint8ClampedArray} row A pixel is as many bytes as `stride` says, the first of which counts.
 * @param {{ now: number, stride: number }} options `now` in ms.
 * @returns {number | undefined}
 */
export function ageOf(row, { now, stride }) {
  let code = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const pixel = Math.floor((bit + 0.5) * BAR);
    code = code * 2 + ((row[pixel * stride] ?? 0) > BETWEEN ? 1 : 0);
  }
  const value = Math.floor(code / 2 ** CHECK_BITS);
  if (code % 2 ** CHECK_BITS !== checkOf(value)) return undefined;
  const age = ((now - value) % ROUND + ROUND) % ROUND;
  return age > ROUND - AHEAD ? age - ROUND : age;
}

/**
 * An even picture, all black or all white, passes for no time.
 * @param {number} value
 */
function checkOf(value) {
  const sum = (value & 0xff) + 3 * ((value >> 8) & 0xff) + 7 * (value >> 16);
  return (sum & 0xff) ^ 0xa5;
}

/**
 * @param {number} code More bits than the operators of integers take.
 * @param {number} bit
 */
function isSet(code, bit) {
  return Math.floor(code / 2 ** bit) % 2 === 1;
}
