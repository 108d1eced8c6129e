import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../fuzz/random.mjs';
import { readTree, vint, writeTree } from '../../fuzz/tree.mjs';
import { ROOT } from '../../scripts/programs.mjs';
import { fragmentHead, TFDT_AT, writeFragment } from '../../fuzz/fragment.mjs';

/** @typedef {import('../../fuzz/tree.mjs').Node} Node */

/**
 * Bytes of a stream, in the pieces in which they arrive.
 * @typedef {object} Stream
 * @property {Uint8Array[]} pieces
 * @property {number} bytes
 * @property {number} chunks How many fragments or blocks it has.
 * @property {number[]} sizes Of the init segment, and of each fragment or block.
 */

const FIXTURES = join(ROOT, 'test', 'fixtures');
const READ = 65_536;

/** `ftyp` and `moov` of a real file: track 1 is H.264, track 2 AAC. */
export const MP4_HEAD = Buffer.from(writeTree(readTree(fixture('mp4', 'keyframe.mp4')).slice(0, 2)));
/** EBML header, Segment, Info and Tracks of a real file, without its duration. */
export const WEBM_HEAD = webmHead();

/** GOPs of one second and 50 KB, 30 frames each, in reads of 64 KiB. */
export function largeFragments() {
  const random = new Random(1);
  const chunks = 1200;
  const sizes = Array.from({ length: 30 }, (_, i) => (i === 0 ? 14_000 : 1250));
  const fragments = Array.from({ length: chunks }, (_, i) => fragment(i, i * 15_360, sizes, random));
  return { ...summary([MP4_HEAD, ...fragments]), pieces: inReads(Buffer.concat([MP4_HEAD, ...fragments])) };
}

/** A fragment a frame, of 350 B to 8 KB, each arriving by itself. */
export function frameFragments(length = 20_000) {
  const random = new Random(2);
  return summary([MP4_HEAD, ...Array.from({ length }, (_, i) => fragment(i, i * 512, [frameSize(random) - fragmentHead(1)], random))]);
}

/** Blocks of the same sizes, a Cluster of unknown size each second, each block arriving by itself. */
export function blocks() {
  const random = new Random(2);
  const all = Array.from({ length: 20_000 }, (_, i) => {
    const own = simpleBlock(1, (i % 30) * 33, i % 30 === 0, random.bytes(16), frameSize(random) - 8);
    return i % 30 === 0 ? Buffer.concat([clusterHead((i / 30) * 1000), own]) : own;
  });
  return summary([WEBM_HEAD, ...all]);
}

/** What lasts a second, again and again: 30 fragments of a frame, with their times. */
export function* endlessFragments() {
  yield MP4_HEAD;
  const template = fragment(0, 0, [400], new Random(3));
  for (let i = 0; ; i++) {
    const bytes = Buffer.from(template);
    bytes.writeBigUInt64BE(BigInt(i * 512), TFDT_AT);
    yield bytes;
  }
}

/** 30 blocks of video and 50 of Opus a second, in a Cluster a second. */
export function* endlessBlocks() {
  yield WEBM_HEAD;
  const random = new Random(4);
  const video = [true, false].map((key) => simpleBlock(1, 0, key, random.bytes(16), 400));
  const audio = simpleBlock(2, 0, true, Uint8Array.of(0xf8), 80);
  for (let second = 0; ; second++) {
    yield clusterHead(second * 1000);
    for (let i = 0; i < 80; i++) {
      const isVideo = i % 8 < 3;
      const template = Buffer.from(/** @type {Uint8Array} */ (isVideo ? video[i === 0 ? 0 : 1] : audio));
      template.writeInt16BE(Math.floor(i * 12.5), template.length - (isVideo ? 400 : 80) - 3);
      yield template;
    }
  }
}

/** How many pieces of the endless streams make a second. */
export const PIECES_A_SECOND = { mp4: 30, webm: 81 };

/** @param {Uint8Array[]} pieces */
function summary(pieces) {
  return { pieces, chunks: pieces.length - 1, bytes: pieces.reduce((sum, { length }) => sum + length, 0), sizes: pieces.map(({ length }) => length) };
}

/** @param {Uint8Array} bytes */
function inReads(bytes) {
  return Array.from({ length: Math.ceil(bytes.length / READ) }, (_, i) => bytes.subarray(i * READ, (i + 1) * READ));
}

/** Most frames are small. @param {Random} random */
function frameSize(random) {
  return 350 + random.small(7650);
}

/**
 * Of H.264, beginning with a keyframe if it is more than a frame, else every 30th.
 * @param {number} sequence
 * @param {number} time
 * @param {readonly number[]} sizes
 * @param {Random} random
 */
function fragment(sequence, time, sizes, random) {
  return writeFragment({ sequence, time, duration: 512, sizes, sync: sizes.length > 1 || sequence % 30 === 0, begin: random.bytes(16) });
}

/**
 * @param {number} track
 * @param {number} time
 * @param {boolean} key
 * @param {Uint8Array} begin
 * @param {number} size Of the payload.
 */
function simpleBlock(track, time, key, begin, size) {
  const head = Buffer.from([0x80 | track, time >> 8, time & 0xff, key ? 0x80 : 0]);
  const payload = Buffer.alloc(size);
  payload.set(begin);
  return Buffer.concat([Uint8Array.of(0xa3), vint(head.length + size), head, payload]);
}

/** A Cluster of unknown size, and its Timestamp. @param {number} time */
function clusterHead(time) {
  const bytes = Buffer.from('1f43b67501ffffffffffffffe78400000000', 'hex');
  bytes.writeUInt32BE(time, bytes.length - 4);
  return bytes;
}

function webmHead() {
  const [ebml, segment] = readTree(fixture('webm', 'vp9-opus.webm'));
  if (!ebml || !segment?.children) throw new Error('The fixture has no Segment');
  const kept = segment.children.filter(({ type }) => type === '1549a966' || type === '1654ae6b');
  return Buffer.from(writeTree([ebml, { ...segment, form: 'open', children: kept }]));
}

/** @param {...string} path */
function fixture(...path) {
  return new Uint8Array(readFileSync(join(FIXTURES, ...path)));
}
