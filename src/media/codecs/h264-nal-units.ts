import type { BytePlace } from '../byte-reader';
import { MediaError } from '../media-error';

/** Types of NAL units, ITU-T H.264 table 7-1. */
export const NalType = {
  slice: 1,
  idr: 5,
  sei: 6,
  sps: 7,
  pps: 8,
  accessUnitDelimiter: 9,
  endOfSequence: 10,
  endOfStream: 11,
  filler: 12,
  spsExtension: 13,
  subsetSps: 15,
} as const;

/** How the NAL units of a track's frames are told apart: by start codes, or by lengths of so many bytes. */
export type NalFraming = 'annex-b' | 1 | 2 | 3 | 4;

/** More than any picture has: bounds the work that a frame can ask for, and the memory that the views of its units take. */
export const MAX_UNITS = 1 << 12;

export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/** Whether a type is that of an SPS or PPS. */
export function isParameterSet(type: number): boolean {
  return type === NalType.sps || type === NalType.pps;
}

/**
 * How this frame is framed, where nobody has said it for sure: by lengths of `lengthSize` bytes if they fit it exactly, else by start codes.
 * A start code may look like a length, but hardly like a chain of them.
 * @throws MediaError `malformed-media` if it is neither.
 */
export function detectFraming(frame: Uint8Array, lengthSize: 1 | 2 | 3 | 4, place: BytePlace): NalFraming {
  if (lengthsFit(frame, lengthSize)) return lengthSize;
  if (beginsWithStartCode(frame)) return 'annex-b';
  throw new MediaError('malformed-media', 'A frame of H.264 begins neither with a start code nor with the length of a NAL unit', place);
}

/**
 * The NAL units of a frame, as views of it; empty ones are left out. ITU-T H.264 annex B, or ISO/IEC 14496-15 §5.3.3.
 * @throws MediaError `malformed-media`.
 */
export function splitNalUnits(frame: Uint8Array, framing: NalFraming, place: BytePlace): Uint8Array[] {
  const units: Uint8Array[] = [];
  let count = 0;
  for (const unit of framing === 'annex-b' ? byStartCodes(frame, place) : byLengths(frame, framing, place)) {
    // Empty ones count: finding them takes as long.
    if (count++ === MAX_UNITS) throw new MediaError('malformed-media', `More than ${MAX_UNITS} NAL units in one frame`, place);
    if (unit.length > 0) units.push(unit);
  }
  return units;
}

function* byLengths(frame: Uint8Array, lengthSize: number, place: BytePlace): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; ) {
    const end = at + lengthSize + readLength(frame, at, lengthSize);
    if (!(end <= frame.length)) {
      throw new MediaError('malformed-media', 'A NAL unit is larger than its frame', { ...place, offset: place.offset + at });
    }
    yield frame.subarray(at + lengthSize, end);
    at = end;
  }
}

function* byStartCodes(frame: Uint8Array, place: BytePlace): Generator<Uint8Array> {
  if (!beginsWithStartCode(frame)) throw new MediaError('malformed-media', 'A frame of H.264 without a start code', place);
  let start: number | undefined;
  for (let one = nextStartCode(frame, 2); one < frame.length; one = nextStartCode(frame, one + 3)) {
    if (start !== undefined) yield withoutTrailingZeros(frame.subarray(start, one - 2));
    start = one + 1;
  }
  if (start !== undefined) yield withoutTrailingZeros(frame.subarray(start));
}

/**
 * Index of the 1 of the next start code, 0 0 1, which is at `from` at the earliest; the length of the frame if there is none. It takes as long for any
 * bytes: with `indexOf`, those that are all 1 took 600 ms for a frame of the largest size.
 */
function nextStartCode(frame: Uint8Array, from: number): number {
  let at = from;
  while (at < frame.length) {
    const byte = frame[at] ?? 0;
    if (byte === 0) at++;
    else if (byte === 1 && frame[at - 1] === 0 && frame[at - 2] === 0) return at;
    // No start code ends at one of the next two.
    else at += 3;
  }
  return frame.length;
}

/** A NAL unit never ends with a zero byte: those belong to the start code that follows, or are padding. */
function withoutTrailingZeros(unit: Uint8Array): Uint8Array {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end--;
  return unit.subarray(0, end);
}

function beginsWithStartCode(frame: Uint8Array): boolean {
  let one = 0;
  while (frame[one] === 0) one++;
  return one >= 2 && frame[one] === 1;
}

function lengthsFit(frame: Uint8Array, lengthSize: number): boolean {
  let at = 0;
  while (at < frame.length) {
    const next = at + lengthSize + readLength(frame, at, lengthSize);
    // No NAL unit is empty, and its first bit is always 0.
    if (!(next > at + lengthSize) || ((frame[at + lengthSize] ?? 0) & 0x80) !== 0) return false;
    at = next;
  }
  return at === frame.length;
}

/** The length of `lengthSize` bytes at `at`; NaN past the end. */
export function readLength(frame: Uint8Array, at: number, lengthSize: number): number {
  let length = 0;
  for (let i = 0; i < lengthSize; i++) length = length * 256 + (frame[at + i] ?? NaN);
  return length;
}
