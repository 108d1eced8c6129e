/** @typedef {import('./frame-list.mjs').Frame} Frame */

/**
 * How far the times of a timeline were moved, seconds.
 * @typedef {object} Shift
 * @property {number} epoch
 * @property {number} segment Of what was sent: there are several where its times jump.
 * @property {number} shift
 */

/**
 * What became of the frames of a track.
 * @typedef {object} TrackComparison
 * @property {string[]} problems
 * @property {Shift[]} shifts
 * @property {number} lostBefore How many are missing at the beginning.
 * @property {string[]} [notes] What is said of it, though nothing is wrong.
 */

/** Containers write times in ms, or rounded to the ticks of a track. */
const ROUNDING = 0.0025;
/** How far a frame is searched. */
const SEARCH = 400;
/** The same after a jump, where ffmpeg guesses how long the last frame was. */
const GUESS = 0.05;
/** From here on times jump, seconds. */
const JUMP = 0.5;
const GAP = 10;

/**
 * Compares frames that were passed on as they were: the same, in the same order, at times that are all moved alike.
 * @param {readonly Frame[]} sent
 * @param {readonly Frame[]} received
 * @param {object} options
 * @param {string} options.noun What a frame is called.
 * @param {boolean} options.cut Whether the end was cut off on purpose.
 * @param {number} [options.preroll] How many frames that aren't shown the file may have before those that are: an edit list that begins between two keyframes.
 * @param {boolean} [options.evened] Whether a frame may be moved to where the one before ends, if it has the time of the next: ffmpeg 5.1 writes it so, and the relay mends it.
 * @returns {TrackComparison}
 */
export function compareCopied(sent, received, { noun, cut, preroll = 0, evened = false }) {
  const pairs = match(sent, received);
  const problems = [];
  const notes = [];
  const foreign = received.length - pairs.length;
  const before = pairs[0]?.[1] ?? 0;
  if (foreign > 0 && foreign === before && foreign <= preroll) notes.push(`with ${foreign} ${noun}s before its edit list begins`);
  else if (foreign > 0) problems.push(`${foreign} of ${received.length} ${noun}s that came out were never sent`);
  const first = pairs[0]?.[0] ?? 0;
  const last = pairs.at(-1)?.[0] ?? -1;
  const missing = last - first + 1 - pairs.length;
  if (missing > 0) problems.push(`${missing} ${noun}s are missing in between`);
  const lostAfter = sent.length - 1 - last;
  if (lostAfter > 0 && !cut) problems.push(`the last ${lostAfter} of ${sent.length} ${noun}s are missing`);
  if (hasStalled(sent)) return { problems, shifts: [], lostBefore: first, notes: [...notes, `times of ${noun}s are not compared, since ffmpeg can't tell them`] };
  const shifts = [];
  const segments = segmentsOf(sent);
  const doubled = evened ? pairs.filter(([from]) => hasTimeOfNext(sent, from)) : [];
  if (doubled.length > 0) notes.push(`${doubled.length} ${noun}s that had the time of the next are moved before it`);
  const astray = doubled.filter(([, to]) => !isBetweenNeighbours(received, to));
  if (astray.length > 0) problems.push(`${astray.length} ${noun}s that had the time of the next are not between their neighbours`);
  for (const group of groupsOf(pairs.filter((pair) => !doubled.includes(pair)), { sent, received, segments })) {
    const [least, most] = [Math.min(...group.moved), Math.max(...group.moved)];
    const rounding = group.segment === 0 ? 2 * ROUNDING : GUESS;
    if (most - least > rounding) problems.push(`the times of ${noun}s are moved by ${ms(least)} to ${ms(most)}`);
    shifts.push({ epoch: group.epoch, segment: group.segment, shift: middle(group.moved) });
  }
  return { problems, shifts, lostBefore: first, notes };
}

/**
 * The number of the piece of a timeline that each frame belongs to.
 * @param {readonly { time: number }[]} frames
 */
export function segmentsOf(frames) {
  let segment = 0;
  return frames.map(({ time }, at) => {
    const passed = time - (frames[at - 1]?.time ?? time);
    return passed < -JUMP || passed > GAP ? ++segment : segment;
  });
}

/**
 * Where times jump back, ffmpeg gives frames that it decodes the last time again and again.
 * @param {readonly Frame[]} frames
 */
function hasStalled(frames) {
  return frames.some(({ time }, at) => [1, 2, 3].every((step) => frames[at + step]?.time === time));
}

/**
 * Whether a frame states the time of the one that follows.
 * @param {readonly Frame[]} sent
 * @param {number} at
 */
function hasTimeOfNext(sent, at) {
  return sent[at + 1] !== undefined && sent[at + 1]?.time === sent[at]?.time;
}

/**
 * Whether a frame comes after the one before and before the one that follows.
 * @param {readonly Frame[]} received
 * @param {number} at
 */
function isBetweenNeighbours(received, at) {
  const time = received[at]?.time ?? NaN;
  return time > (received[at - 1]?.time ?? -Infinity) && time < (received[at + 1]?.time ?? Infinity);
}

/**
 * By how much the frames of each timeline and piece are moved.
 * @param {readonly [number, number][]} pairs
 * @param {{ sent: readonly Frame[], received: readonly Frame[], segments: readonly number[] }} frames
 */
function groupsOf(pairs, { sent, received, segments }) {
  /** @type {Map<string, { epoch: number, segment: number, moved: number[] }>} */
  const groups = new Map();
  for (const [from, to] of pairs) {
    const [one, other, segment = 0] = [sent[from], received[to], segments[from]];
    if (one === undefined || other === undefined) continue;
    const key = `${other.epoch} ${segment}`;
    const group = groups.get(key) ?? { epoch: other.epoch, segment, moved: [] };
    group.moved.push(other.time - one.time);
    groups.set(key, group);
  }
  return groups.values();
}

/**
 * Pairs of the places of a frame that was sent and of the same one received, in ascending order.
 * @param {readonly Frame[]} sent
 * @param {readonly Frame[]} received
 * @returns {[number, number][]}
 */
function match(sent, received) {
  /** @type {[number, number][]} */
  const pairs = [];
  let from = longestStart(sent, received);
  for (const [to, { hash }] of received.entries()) {
    let at = from;
    while (at < sent.length && at - from <= SEARCH && sent[at]?.hash !== hash) at++;
    if (sent[at]?.hash !== hash || at - from > SEARCH) continue;
    pairs.push([at, to]);
    from = at + 1;
  }
  return pairs;
}

/**
 * Where what was received begins in what was sent: frames may be alike, so the longest run of equal ones decides.
 * @param {readonly Frame[]} sent
 * @param {readonly Frame[]} received
 */
function longestStart(sent, received) {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < Math.min(sent.length, SEARCH) && best.length < received.length; start++) {
    let length = 0;
    while (length < received.length && sent[start + length]?.hash === received[length]?.hash) length++;
    if (length > best.length) best = { start, length };
  }
  return best.start;
}

/**
 * Whether picture and sound are as far apart as they were.
 * @param {readonly Shift[]} video
 * @param {readonly Shift[]} audio
 * @param {number} tolerance seconds
 * @returns {string[]} Problems.
 */
export function compareOffsets(video, audio, tolerance) {
  return video.flatMap(({ epoch, segment, shift }) => {
    const beside = audio.find((one) => one.epoch === epoch && one.segment === segment);
    const apart = beside === undefined ? 0 : beside.shift - shift;
    return Math.abs(apart) > tolerance ? [`the sound is ${ms(Math.abs(apart))} ${apart > 0 ? 'later' : 'earlier'} beside the picture`] : [];
  });
}

/** @param {readonly number[]} values */
export function middle(values) {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0;
}

/** @param {number} seconds */
export function ms(seconds) {
  return `${Math.round(seconds * 1000)} ms`;
}
