import { middle } from './compare-copied.mjs';

/** @typedef {import('./compare-copied.mjs').TrackComparison} TrackComparison */
/** @typedef {import('./compare-copied.mjs').Shift} Shift */

/**
 * A picture, small and grey.
 * @typedef {object} Thumbnail
 * @property {number} time seconds
 * @property {number} epoch
 * @property {Uint8Array} pixels
 */

/**
 * Pieces of mono sound, 8,000 samples a second, each with its time in seconds.
 * @typedef {readonly { time: number, epoch: number, samples: Int16Array }[]} Sound
 */

/** How far pixels of the same picture may be apart after encoding, of 255. */
const ALIKE = 14;
/** How far a picture may lie from where it belongs, seconds. */
const LATE = 0.06;
/** The first pictures show where a timeline begins. */
const FIRST = 9;
const FAR = 600;
/** More pictures than so many times those that were sent are too many for any rate. */
const MANY_MORE = 5;
/** Pictures by which an encoder's output may differ in number, at each end. */
const SPARE = 2;
/** Share of the pictures that may be doubled or dropped to keep the rate. */
const UNEVEN = 0.03;
/** Loudness is compared in steps of so many seconds. */
const STEP = 0.005;
/** How far sound may be displaced to be found, in steps. */
const REACH = 100;
/** From here on, loudness that goes up and down alike is the same sound. */
const CORRELATED = 0.8;
/** How much the length of sound may differ, seconds. */
const LENGTH = 0.25;
const RATE = 8_000;

/**
 * Compares pictures that were encoded: each shows what was to be seen at its time. An encoder may repeat some to keep a constant rate.
 * @param {readonly Thumbnail[]} sent
 * @param {readonly Thumbnail[]} received
 * @param {{ cut: boolean }} options Whether the end was cut off on purpose.
 * @returns {TrackComparison}
 */
export function compareEncodedPictures(sent, received, { cut }) {
  const problems = [];
  const spare = SPARE + Math.ceil(sent.length * UNEVEN);
  if ((received.length < sent.length - spare && !cut) || received.length > MANY_MORE * sent.length + spare) problems.push(`${received.length} pictures came out of ${sent.length}`);
  const shifts = [];
  let [unlike, displaced] = [0, 0];
  for (const epoch of new Set(received.map((picture) => picture.epoch))) {
    const pictures = received.filter((picture) => picture.epoch === epoch);
    const shift = shiftOf(sent, pictures);
    shifts.push({ epoch, segment: 0, shift });
    for (const { time, pixels } of pictures) {
      const expected = sent.findLastIndex((picture) => picture.time <= time - shift + LATE / 4);
      const near = sent.slice(Math.max(0, expected - 2), expected + 3).filter((picture) => differenceOf(picture.pixels, pixels) <= ALIKE);
      if (near.length === 0) unlike++;
      else if (!near.some((picture) => isShownAt(sent, picture, time - shift))) displaced++;
    }
  }
  if (unlike > spare) problems.push(`${unlike} of ${received.length} pictures don't show what was sent`);
  if (displaced > spare) problems.push(`${displaced} of ${received.length} pictures are at other times`);
  const repeated = received.length - sent.length;
  return { problems, shifts, lostBefore: 0, notes: repeated > spare ? [`${repeated} pictures are repeated for a constant rate`] : [] };
}

/**
 * By how much the first pictures of a timeline are moved.
 * @param {readonly Thumbnail[]} sent
 * @param {readonly Thumbnail[]} received
 */
function shiftOf(sent, received) {
  const moved = received.slice(0, FIRST).map(({ time, pixels }) => {
    const differences = sent.slice(0, FAR).map((picture) => ({ by: time - picture.time, difference: differenceOf(picture.pixels, pixels) }));
    return differences.sort((one, other) => one.difference - other.difference)[0]?.by ?? 0;
  });
  return middle(moved);
}

/**
 * Whether a picture is to be seen at a time.
 * @param {readonly Thumbnail[]} sent
 * @param {Thumbnail} picture
 * @param {number} time
 */
function isShownAt(sent, picture, time) {
  const until = sent[sent.indexOf(picture) + 1]?.time ?? Infinity;
  return time >= picture.time - LATE && time <= until + LATE;
}

/**
 * How far pixels are apart on average.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 */
function differenceOf(one, other) {
  let sum = 0;
  for (let at = 0; at < one.length; at++) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return sum / Math.max(1, one.length);
}

/**
 * Compares sound that was encoded: as long, and as loud at the same times, moved by one shift.
 * @param {Sound} sent
 * @param {Sound} received
 * @param {{ cut: boolean, video: readonly Shift[] }} options How the pictures beside it were moved, which tells where to look.
 * @returns {TrackComparison}
 */
export function compareEncodedSound(sent, received, { cut, video }) {
  /** @type {string[]} */
  const problems = [];
  const [before, after] = [lengthOf(sent), lengthOf(received)];
  if (after === 0) return { problems: ['the sound is empty'], shifts: [], lostBefore: 0 };
  if (Math.abs(after - before) > LENGTH && !(cut && after < before)) problems.push(`${after.toFixed(2)} s of sound came out of ${before.toFixed(2)} s`);
  const shifts = [];
  for (const epoch of new Set(received.map((piece) => piece.epoch))) {
    const pieces = received.filter((piece) => piece.epoch === epoch);
    const [from, to] = [startOf(sent), startOf(pieces)];
    // Without pictures both begin with the sound.
    const guess = video.find((one) => one.epoch === epoch)?.shift ?? to - from;
    const lag = lagOf(loudness(sent, from), loudness(pieces, from + guess));
    if (lag !== undefined) shifts.push({ epoch, segment: 0, shift: guess + lag });
    else if (isLoud(sent) && !isLoud(pieces)) problems.push('the sound is silent');
  }
  return { problems, shifts, lostBefore: 0 };
}

/** @param {Sound} sound */
function lengthOf(sound) {
  return sound.reduce((sum, { samples }) => sum + samples.length / RATE, 0);
}

/** @param {Sound} sound */
function startOf(sound) {
  return sound[0]?.time ?? 0;
}

/** @param {Sound} sound */
function isLoud(sound) {
  return sound.some(({ samples }) => samples.some((sample) => Math.abs(sample) > 300));
}

/**
 * The loudness of each step since a time.
 * @param {Sound} sound
 * @param {number} since
 */
function loudness(sound, since) {
  const steps = new Float64Array(Math.max(0, ...sound.map(({ time, samples }) => Math.ceil((time + samples.length / RATE - since) / STEP))));
  for (const { time, samples } of sound) {
    for (const [at, sample] of samples.entries()) {
      const step = Math.floor((time + at / RATE - since) / STEP);
      if (step >= 0 && step < steps.length) steps[step] = (steps[step] ?? 0) + Math.abs(sample);
    }
  }
  return steps;
}

/**
 * By how much loudness lies later, seconds; undefined if it can't be told, as of an even tone.
 * @param {Float64Array} sent
 * @param {Float64Array} received
 */
function lagOf(sent, received) {
  let best = { lag: 0, match: -1 };
  for (let lag = -REACH; lag <= REACH; lag++) {
    const match = correlation(sent, received, lag);
    if (match > best.match) best = { lag, match };
  }
  return best.match >= CORRELATED ? best.lag * STEP : undefined;
}

/**
 * @param {Float64Array} one
 * @param {Float64Array} other
 * @param {number} lag
 */
function correlation(one, other, lag) {
  const from = Math.max(0, -lag);
  const count = Math.min(one.length, other.length - lag) - from;
  if (count < 20) return -1;
  let [sumOne, sumOther, squares, otherSquares, products] = [0, 0, 0, 0, 0];
  for (let at = from; at < from + count; at++) {
    const [a, b] = [one[at] ?? 0, other[at + lag] ?? 0];
    sumOne += a;
    sumOther += b;
    squares += a * a;
    otherSquares += b * b;
    products += a * b;
  }
  const spread = (squares - (sumOne * sumOne) / count) * (otherSquares - (sumOther * sumOther) / count);
  return spread <= 0 ? -1 : (products - (sumOne * sumOther) / count) / Math.sqrt(spread);
}

