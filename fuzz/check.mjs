import { isDeepStrictEqual } from 'node:util';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('../src/media/chunk.js').Chunk} Chunk */
/** @typedef {import('../src/media/chunk.js').InitSegment} InitSegment */
/** @typedef {import('../src/media/container-parser.js').MediaLimits} MediaLimits */
/** @typedef {{ readonly init: InitSegment } | { readonly chunk: Chunk }} MediaEvent */

/**
 * What is tested, built or not.
 * @typedef {object} Media
 * @property {typeof import('../src/media/media-parser.js').MediaParser} MediaParser
 * @property {typeof import('../src/media/media-error.js').MediaError} MediaError
 * @property {number} HEAD_ROOM
 * @property {typeof import('../src/media/container-parser.js').DEFAULT_MEDIA_LIMITS} DEFAULT_MEDIA_LIMITS
 */

/**
 * What came of one input.
 * @typedef {object} Outcome
 * @property {MediaEvent[]} events
 * @property {unknown} error
 */

/** What the parsers promise isn't so. */
export class BrokenPromise extends Error {}

/** Limits that small inputs reach. @type {MediaLimits} */
export const SMALL_LIMITS = { maxInit: 2048, maxChunk: 4096 };

/** Bytes of the buffers that small chunks share. */
const SHARED_BUFFER = 64 << 10;

/**
 * Feeds pieces to a new parser and finishes it.
 * @param {Media} media
 * @param {Iterable<Uint8Array>} pieces
 * @param {MediaLimits} limits
 * @returns {Outcome}
 */
export function parse({ MediaParser }, pieces, limits) {
  /** @type {MediaEvent[]} */
  const events = [];
  const parser = new MediaParser({ init: (init) => events.push({ init }), chunk: (chunk) => events.push({ chunk }) }, limits);
  /** @type {unknown} */
  let error;
  try {
    for (const piece of pieces) {
      // A parser keeps no reference to what it was lent.
      const lent = new Uint8Array(piece);
      parser.push(lent);
      lent.fill(0xee);
    }
    parser.finish();
  } catch (thrown) {
    error = thrown;
    expect(thrownBy(() => parser.push(Uint8Array.of(0))) === thrown, 'After an error, a push throws another or none');
  }
  return { events, error };
}

/**
 * Holds the parsers to what they promise of any bytes.
 * @param {Media} media
 * @param {Uint8Array} bytes
 * @param {{ limits: MediaLimits, random: Random }} options `random` cuts the pushes.
 * @returns {Outcome} Of all bytes in one push.
 * @throws {BrokenPromise}
 */
export function check(media, bytes, { limits, random }) {
  const whole = parse(media, [bytes], limits);
  checkError(media, whole.error, bytes.length);
  checkEvents(media, whole.events, limits);
  checkOtherCuts(whole, parse(media, cut(bytes, random), limits));
  for (const epoch of epochsOf(whole.events)) checkReadsBack(media, epoch);
  return whole;
}

/**
 * @param {Media} media
 * @param {unknown} error
 * @param {number} given
 */
function checkError({ MediaError }, error, given) {
  if (error === undefined) return;
  if (!(error instanceof MediaError)) throw new BrokenPromise(`Not a MediaError: ${error instanceof Error ? error.stack : String(error)}`);
  expect(error.code !== 'internal', 'An error with the code "internal"');
  expect(Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= given, `An error at byte ${error.offset} of ${given}: ${error.message}`);
}

/**
 * @param {Media} media
 * @param {readonly MediaEvent[]} events
 * @param {MediaLimits} limits
 */
function checkEvents({ HEAD_ROOM }, events, limits) {
  /** @type {Set<number> | undefined} */
  let tracks;
  checkMemory(events.map(bytesOf), HEAD_ROOM);
  for (const event of events) {
    const bytes = bytesOf(event);
    if ('init' in event) {
      expect(bytes.length > 0 && bytes.length <= limits.maxInit, `An init segment of ${bytes.length} bytes`);
      checkInit(event.init);
      tracks = new Set(event.init.tracks.map((track) => track.id));
    } else {
      expect(bytes.length > 0 && bytes.length <= limits.maxChunk, `A chunk of ${bytes.length} bytes`);
      if (!tracks) throw new BrokenPromise('A chunk before any init segment');
      checkChunk(event.chunk, tracks);
    }
  }
}

/**
 * All that one parser gave lies apart from one another, each with its head room. What a parser allocates later lies behind.
 * @param {readonly Uint8Array[]} outputs
 * @param {number} headRoom
 */
export function checkMemory(outputs, headRoom) {
  /** @type {Map<ArrayBufferLike, number>} */
  const ends = new Map();
  for (const { buffer, byteOffset, length } of outputs) {
    expect(byteOffset - headRoom >= (ends.get(buffer) ?? 0), 'Media without head room of its own');
    expect(buffer.byteLength === headRoom + length || buffer.byteLength === SHARED_BUFFER, `${length} bytes in a buffer of ${buffer.byteLength}`);
    ends.set(buffer, byteOffset + length);
  }
}

/** @param {InitSegment} init */
function checkInit({ mime, tracks }) {
  expect(/^(video|audio)\/(mp4|webm); codecs="[\x21\x23-\x7e]+(, [\x21\x23-\x7e]+)*"$/.test(mime), `The type ${mime}`);
  expect(tracks.length > 0 && new Set(tracks.map(({ id }) => id)).size === tracks.length, 'No tracks, or two with one number');
  for (const { codec, timescale } of tracks) expect(codec !== '' && timescale > 0 && Number.isFinite(timescale), `A track of ${codec} with ${timescale} ticks`);
}

/**
 * @param {Chunk} chunk
 * @param {ReadonlySet<number>} tracks
 */
function checkChunk({ start, end, spans }, tracks) {
  expect(Number.isFinite(start) && Number.isFinite(end) && start >= 0 && end >= start, `A chunk from ${start} to ${end} s`);
  expect(spans.length > 0, 'A chunk without spans');
  for (const { trackId, time, duration } of spans) {
    expect(tracks.has(trackId), `A span of track ${trackId}, which isn't there`);
    expect(Number.isSafeInteger(time) && time >= 0 && Number.isSafeInteger(duration) && duration >= 0, `A span from ${time} of ${duration} ticks`);
  }
}

/**
 * @param {Outcome} whole
 * @param {Outcome} parts
 */
function checkOtherCuts(whole, parts) {
  expect(whole.events.length === parts.events.length, `${whole.events.length} results in one push, ${parts.events.length} in several`);
  expect(isDeepStrictEqual(whole.events, parts.events), 'Other results in several pushes than in one');
  const [one, other] = [whole.error, parts.error].map((error) => (error instanceof Error ? error.message : ''));
  expect(one === other, `In one push "${one}", in several "${other}"`);
}

/**
 * What a viewer gets is media that says the same.
 * @param {Media} media
 * @param {readonly MediaEvent[]} epoch
 */
function checkReadsBack(media, epoch) {
  const again = parse(media, [new Uint8Array(Buffer.concat(epoch.map(bytesOf)))], media.DEFAULT_MEDIA_LIMITS);
  if (again.error) throw new BrokenPromise(`What came out can't be read back: ${String(again.error)}`);
  expect(again.events.length === epoch.length, `${epoch.length} results are read back as ${again.events.length}`);
  for (const [i, event] of epoch.entries()) {
    const other = /** @type {MediaEvent} */ (again.events[i]);
    // What isn't passed on isn't there any more.
    if ('init' in event && 'init' in other) expect(isDeepStrictEqual({ ...event.init, dropped: undefined }, { ...other.init, dropped: undefined }), 'The init segment is read back as another');
    else if ('chunk' in event && 'chunk' in other) checkSameChunk(event.chunk, other.chunk);
    else throw new BrokenPromise('Results are read back in another order');
  }
}

/**
 * @param {Chunk} chunk
 * @param {Chunk} again
 */
function checkSameChunk(chunk, again) {
  expect(Buffer.compare(chunk.bytes, again.bytes) === 0, 'A chunk is read back with other bytes');
  expect(chunk.joinable === again.joinable && chunk.start === again.start, 'A chunk is read back with another start, or as joinable or not');
  expect(chunk.spans.length === again.spans.length, 'A chunk is read back with other spans');
  for (const [i, span] of chunk.spans.entries()) {
    const other = again.spans[i];
    expect(span.trackId === other?.trackId && span.time === other.time, `A span from ${span.time} is read back from ${other?.time}`);
    // What was a guess is stated in what comes out, or the other way round.
    expect(span.estimated || other?.estimated === true || span.duration === other?.duration, `A span of ${span.duration} ticks is read back as ${other?.duration}`);
  }
}

/**
 * Each init segment with its chunks.
 * @param {readonly MediaEvent[]} events
 */
function epochsOf(events) {
  /** @type {MediaEvent[][]} */
  const epochs = [];
  for (const event of events) {
    if ('init' in event) epochs.push([event]);
    else epochs.at(-1)?.push(event);
  }
  return epochs;
}

/** @param {MediaEvent} event */
function bytesOf(event) {
  return 'init' in event ? event.init.bytes : event.chunk.bytes;
}

/**
 * In pieces of one size, or of any.
 * @param {Uint8Array} bytes
 * @param {Random} random
 */
function* cut(bytes, random) {
  const size = random.pick([1, 2, 7, 100, 1000, 0, 0, 0]);
  const most = 1 + random.small(4096);
  for (let at = 0; at < bytes.length; ) {
    const length = size === 0 || bytes.length > 8192 * size ? random.below(most + 1) : size;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/**
 * What a piece of work throws, if it does.
 * @param {() => void} work
 */
export function thrownBy(work) {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

/**
 * @param {boolean} condition
 * @param {string} message
 */
function expect(condition, message) {
  if (!condition) throw new BrokenPromise(message);
}
