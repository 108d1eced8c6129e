import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Random } from '../../fuzz/random.mjs';
import { readTree, writeTree } from '../../fuzz/tree.mjs';
import { ROOT } from '../../scripts/programs.mjs';
import { fragmentHead, writeFragment } from '../../fuzz/fragment.mjs';

/**
 * A piece of media, and when it is due.
 * @typedef {object} Piece
 * @property {number} at Since the stream began, ms.
 * @property {Buffer} bytes A whole `moof` and `mdat`.
 * @property {boolean} video
 * @property {boolean} key Whether a decoder can begin here.
 */

/**
 * What one track of a stream gives.
 * @typedef {object} TrackPace
 * @property {number} track
 * @property {boolean} video
 * @property {number} timescale
 * @property {number} rate Fragments a second.
 * @property {number} size Of each fragment, bytes.
 * @property {number} [samples] In each fragment.
 */

/**
 * A live stream of a steady rate.
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} text What it is, in words.
 * @property {number} viewers
 * @property {string} head The fixture whose `ftyp` and `moov` it has.
 * @property {readonly TrackPace[]} tracks
 */

const VIDEO = { track: 1, video: true, timescale: 15_360 };
const AUDIO = { video: false, timescale: 48_000 };

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  {
    name: 'W1',
    text: '50 KB × 10 a second',
    viewers: 1000,
    head: 'all-sync.mp4',
    tracks: [{ ...VIDEO, rate: 10, size: 50_000, samples: 3 }],
  },
  {
    name: 'W2',
    text: '8.3 KB × 30 and 350 B × 47 a second',
    viewers: 500,
    head: 'keyframe.mp4',
    tracks: [
      { ...VIDEO, rate: 30, size: 8_300 },
      { ...AUDIO, track: 2, rate: 47, size: 350 },
    ],
  },
  {
    name: 'W3',
    text: '350 B × 50 a second',
    viewers: 1000,
    head: 'aac.mp4',
    tracks: [{ ...AUDIO, track: 1, rate: 50, size: 350 }],
  },
];

/**
 * A stream of 30 frames a second with a keyframe each second, a fragment a frame.
 * @param {number} bitrate Bits a second.
 * @returns {Workload}
 */
export function videoOf(bitrate) {
  return {
    name: `${bitrate / 1e6} Mbit/s`,
    text: `${bitrate / 1e6} Mbit/s, 30 frames a second`,
    viewers: 0,
    head: 'all-sync.mp4',
    tracks: [{ ...VIDEO, rate: 30, size: Math.round(bitrate / 8 / 30) }],
  };
}

/**
 * `ftyp` and `moov` of the workload's stream.
 * @param {Workload} workload
 */
export function initOf({ head }) {
  const file = new Uint8Array(readFileSync(join(ROOT, 'test', 'fixtures', 'mp4', head)));
  return Buffer.from(writeTree(readTree(file).filter(({ type }) => type === 'ftyp' || type === 'moov').slice(0, 2)));
}

/**
 * All pieces of so many seconds of a stream, in order.
 * @param {Workload} workload
 * @param {number} seconds
 * @returns {Piece[]}
 */
export function piecesOf(workload, seconds) {
  const pieces = [];
  for (const piece of endlessPieces(workload)) {
    if (piece.at >= seconds * 1000) break;
    pieces.push(piece);
  }
  return pieces;
}

/**
 * The pieces of a stream that doesn't end, in order.
 * @param {Workload} workload
 * @returns {Generator<Piece, never>}
 */
export function* endlessPieces({ tracks }) {
  const random = new Random(1);
  const nexts = tracks.map((pace) => ({ pace, index: 0 }));
  for (let sequence = 0; ; sequence++) {
    const due = nexts.reduce((first, next) => (timeOf(next) < timeOf(first) ? next : first));
    yield pieceOf(due, sequence, random.bytes(16));
    due.index++;
  }
}

/**
 * The same pieces, each when it is due.
 * @template {{ at: number }} Timed
 * @param {Iterable<Timed>} pieces
 * @returns {AsyncGenerator<Timed, void>}
 */
export async function* inTime(pieces) {
  const begun = performance.now();
  for (const piece of pieces) {
    const early = begun + piece.at - performance.now();
    if (early > 0) await wait(early);
    yield piece;
  }
}

/** @typedef {{ pace: TrackPace, index: number }} Next */

/**
 * ms since the stream began.
 * @param {Next} next
 */
function timeOf({ pace, index }) {
  return (index * 1000) / pace.rate;
}

/**
 * @param {Next} next
 * @param {number} sequence
 * @param {Uint8Array} begin
 * @returns {Piece}
 */
function pieceOf({ pace, index }, sequence, begin) {
  const { track, video, timescale, rate, size, samples = 1 } = pace;
  const key = !video || index % rate === 0;
  const step = timescale / rate;
  const bytes = writeFragment({
    sequence,
    track,
    time: Math.round(index * step),
    duration: Math.round(step / samples),
    sizes: sampleSizes(size - fragmentHead(samples), samples),
    sync: key,
    begin,
  });
  return { at: timeOf({ pace, index }), bytes, video, key };
}

/**
 * @param {number} total
 * @param {number} samples
 */
function sampleSizes(total, samples) {
  const each = Math.floor(total / samples);
  return Array.from({ length: samples }, (_, index) => (index === 0 ? total - each * (samples - 1) : each));
}
