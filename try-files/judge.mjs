import { compareCopied, compareOffsets } from './compare-copied.mjs';
import { compareEncodedPictures, compareEncodedSound } from './compare-encoded.mjs';
import { MediaFile } from './media-file.mjs';

/** @typedef {import('./media-file.mjs').FileTrack} FileTrack */
/** @typedef {import('./compare-copied.mjs').TrackComparison} TrackComparison */
/** @typedef {import('./compare-copied.mjs').Shift} Shift */
/** @typedef {import('./doors.mjs').DoorResult} DoorResult */

/**
 * @typedef {object} Verdict
 * @property {'same' | 'encoded' | 'refused' | 'unreadable' | 'not copied' | 'changed by ffmpeg' | 'too slow' | 'WRONG'} verdict
 * @property {string} why
 * @property {string} out What came out.
 */

/** A track that came out, over all epochs. @typedef {{ file: MediaFile, track: FileTrack }[]} OutTrack */

/** How much picture and sound may be moved apart, seconds: by copying, and by encoding, which has packets of its own. */
const APART = 0.006;
const APART_ENCODED = 0.06;

/**
 * Compares what went in with what came out.
 * @param {MediaFile} file
 * @param {DoorResult} result
 * @returns {Promise<Verdict>}
 */
export async function judge(file, result) {
  const { refusal, failure, epochs, how } = result;
  if (refusal !== undefined) return judgeRefusal(how, refusal);
  if (failure !== undefined) {
    const isWrong = !how.startsWith('copy') && (await canBeRead(file));
    return { verdict: isWrong ? 'WRONG' : how.startsWith('copy') ? 'not copied' : 'unreadable', why: failure, out: '' };
  }
  const outs = await Promise.all(epochs.map(async ({ path }, epoch) => {
    const one = new MediaFile(path, { epoch });
    return { file: one, ...(await one.describe()) };
  }));
  const out = epochs.map(({ mime }) => shortMime(mime)).join(' then ');
  if (result.skipped) return { verdict: 'too slow', why: 'the relay left out media for a viewer that this machine was too slow for', out };
  /** @param {FileTrack['kind']} kind @returns {OutTrack} */
  const outTrack = (kind) => outs.flatMap(({ file: one, tracks }) => tracks.filter((track) => track.kind === kind).slice(0, 1).map((track) => ({ file: one, track })));
  const doubles = outs.some(({ tracks }) => ['video', 'audio'].some((kind) => tracks.filter((track) => track.kind === kind).length > 1));
  const received = { video: outTrack('video'), audio: outTrack('audio'), doubles };
  const { problems, notes, encoded } = await compare(file, result, received);
  if (problems.length > 0 && result.sent !== undefined) {
    // The relay answers for what it was sent.
    const sent = await compare(new MediaFile(result.sent), { ...result, news: { video: COPY, audio: COPY } }, received);
    if (sent.problems.length === 0) return { verdict: 'changed by ffmpeg', why: problems.join('; '), out };
  }
  if (problems.length > 0) return { verdict: 'WRONG', why: problems.join('; '), out };
  return { verdict: encoded ? 'encoded' : 'same', why: notes.join('; '), out };
}

/** @type {{ as: 'copy' }} */
const COPY = { as: 'copy' };

/**
 * @param {MediaFile} file
 * @param {DoorResult} result
 * @param {{ video: OutTrack, audio: OutTrack, doubles: boolean }} received
 */
async function compare(file, result, received) {
  const video = await compareTrack(file, result, 'video', received.video, []);
  const audio = await compareTrack(file, result, 'audio', received.audio, video.shifts);
  const encoded = video.isEncoded || audio.isEncoded;
  const apart = compareOffsets(video.shifts, audio.shifts, encoded ? APART_ENCODED : APART);
  const problems = [...video.problems, ...audio.problems, ...apart, ...(received.doubles ? ['several tracks of a kind came out'] : [])];
  if (received.video.length + received.audio.length === 0 && problems.length === 0) problems.push('nothing came out, and nobody said why');
  return { problems, notes: [video, audio].flatMap(({ note }) => (note === undefined ? [] : [note])), encoded };
}

/**
 * A refusal must have a code and a remedy, and what ffmpeg's muxer wrote isn't malformed.
 * @param {string} how
 * @param {{ code: string, message: string }} refusal
 * @returns {Verdict}
 */
export function judgeRefusal(how, { code, message }) {
  const isWrong = code === 'none' || code === 'internal-error' || (code === 'malformed-media' && how !== 'bytes');
  return { verdict: isWrong ? 'WRONG' : 'refused', why: `${code}: ${message}`, out: '' };
}

/**
 * @param {MediaFile} file
 * @param {DoorResult} result
 * @param {FileTrack['kind']} kind
 * @param {OutTrack} out
 * @param {readonly Shift[]} beside
 * @returns {Promise<TrackComparison & { isEncoded: boolean, note?: string }>}
 */
async function compareTrack(file, { how, news, cut }, kind, out, beside) {
  const { tracks } = await file.describe();
  const noun = kind === 'video' ? 'picture' : 'sound';
  const said = news?.[kind] ?? 'none';
  const nothing = { problems: /** @type {string[]} */ ([]), shifts: [], lostBefore: 0, isEncoded: false };
  const candidates = tracks.filter((track) => track.kind === kind && !track.isStill && (said === 'none' || said.index === undefined || said.index === track.index));
  if (said === 'none') {
    const present = await firstWithFrames(file, candidates);
    if (out.length > 0) return { ...nothing, problems: [`${noun} came out, which nobody announced`] };
    return present === undefined || news === undefined ? nothing : { ...nothing, problems: [`the ${noun} (${present.words}) was left out`] };
  }
  const lists = await Promise.all(candidates.map(async (track) => ({ track, ...(await compareWith(file, { track, said, out, cut, beside, evened: how === 'bytes' })) })));
  const best = lists.sort((one, other) => one.problems.length - other.problems.length)[0];
  if (best === undefined) return nothing;
  if (out.length === 0) return { ...nothing, problems: (await firstWithFrames(file, candidates)) === undefined ? [] : [`no ${noun} came out`] };
  const isEncoded = said.as === 'encode';
  const several = candidates.length > 1 ? ` (track ${best.track.index} of ${candidates.map(({ index }) => index).join(', ')})` : '';
  return { ...best, problems: best.problems.map((problem) => `${noun}: ${problem}`), isEncoded, note: [`${noun} ${isEncoded ? 'encoded' : 'same'}${several}`, ...(best.notes ?? [])].join(', ') };
}

/**
 * @param {MediaFile} file
 * @param {{ track: FileTrack, said: { as: 'copy' | 'encode' }, out: OutTrack, cut: boolean, beside: readonly Shift[], evened: boolean }} options
 * @returns {Promise<TrackComparison>}
 */
async function compareWith(file, { track, said, out, cut, beside, evened }) {
  if (track.kind === 'video') {
    if (said.as === 'encode') return compareEncodedPictures(await file.thumbnails(track), await all(out, (one, its) => one.thumbnails(its)), { cut });
    const pictures = await file.pictures(track);
    const preroll = Math.max(0, (await file.packets(track)).length - pictures.length);
    const comparison = compareCopied(pictures, await all(out, (one, its) => one.pictures(its)), { noun: 'picture', cut, preroll });
    if (comparison.lostBefore > 0) comparison.problems.push(`the first ${comparison.lostBefore} pictures are missing`);
    const turned = out.find((one) => one.track.rotation !== track.rotation);
    if (turned !== undefined) comparison.problems.push(`it is turned by ${turned.track.rotation}°, not by ${track.rotation}°`);
    return comparison;
  }
  if (said.as === 'encode') return compareEncodedSound(await file.sound(track), await all(out, (one, its) => one.sound(its)), { cut, video: beside });
  return compareCopied(await file.packets(track), await all(out, (one, its) => one.packets(its)), { noun: 'packet', cut, evened });
}

/**
 * @template Item
 * @param {OutTrack} out
 * @param {(file: MediaFile, track: FileTrack) => Promise<readonly Item[]>} look
 * @returns {Promise<Item[]>}
 */
async function all(out, look) {
  return (await Promise.all(out.map(({ file, track }) => look(file, track)))).flat();
}

/**
 * @param {MediaFile} file
 * @param {readonly FileTrack[]} tracks
 */
async function firstWithFrames(file, tracks) {
  for (const track of tracks) {
    const frames = track.kind === 'video' ? await file.pictures(track) : await file.sound(track);
    if (frames.length > 0) return track;
  }
  return undefined;
}

/**
 * Whether ffmpeg gets a picture or sound of it.
 * @param {MediaFile} file
 */
async function canBeRead(file) {
  const { tracks } = await file.describe();
  return (await firstWithFrames(file, tracks.filter(({ isStill }) => !isStill))) !== undefined;
}

/** @param {string} mime */
function shortMime(mime) {
  return mime.replaceAll('"', '').replace('codecs=', '').replace(';', '');
}
