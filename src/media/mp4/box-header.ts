import { u32At, u64At } from '../big-endian';
import { MediaError } from '../media-error';

/** Bytes that boxes lie in. */
export interface BoxSource {
  readonly bytes: Uint8Array;
  /** Of the first of `bytes`, counted from the publisher's first. */
  readonly origin: number;
  /** Types of the boxes around, such as `moof/traf`; empty at top level. */
  readonly path: string;
}

/** Size and type of a box, ISO/IEC 14496-12 §4.2. */
interface BoxHeader {
  /** The four characters, as the number that they are. */
  readonly type: number;
  /** Of the whole box with its header; `Infinity` if it goes on to the end (size field 0). */
  readonly size: number;
  /** 8, or 16 with a 64-bit size. */
  readonly headerSize: number;
}

/** Bytes of the usual and of the longest box header. */
export const MIN_BOX_HEADER = 8;
export const MAX_BOX_HEADER = 16;

/** A type as the number that `BoxHeader` has. */
export function boxType(name: string): number {
  return u32At(Uint8Array.from(name, (character) => character.charCodeAt(0)), 0);
}

export function boxName(type: number): string {
  return String.fromCharCode(type >>> 24, (type >>> 16) & 0xff, (type >>> 8) & 0xff, type & 0xff);
}

/** The types that a stream of fragments is made of, and which are told apart for each of them. */
export const BoxType = {
  ftyp: boxType('ftyp'),
  moov: boxType('moov'),
  moof: boxType('moof'),
  mdat: boxType('mdat'),
  mfhd: boxType('mfhd'),
  traf: boxType('traf'),
  tfhd: boxType('tfhd'),
  tfdt: boxType('tfdt'),
  trun: boxType('trun'),
} as const;

/** The header that begins at `at`, or nothing if it isn't whole before `end`. @throws MediaError `malformed-media`. */
export function readBoxHeader(source: BoxSource, at: number, end: number): BoxHeader | undefined {
  if (end - at < MIN_BOX_HEADER) return undefined;
  const { bytes } = source;
  const small = u32At(bytes, at);
  const type = u32At(bytes, at + 4);
  if (!isBoxType(bytes, at + 4)) throw boxError(source, at + 4, 'Not a box: its type is not four printable characters');
  if (small === 0) return { type, size: Infinity, headerSize: MIN_BOX_HEADER };
  const headerSize = small === 1 ? MAX_BOX_HEADER : MIN_BOX_HEADER;
  if (end - at < headerSize) return undefined;
  const size = small === 1 ? u64At(bytes, at + 8) : small;
  if (!Number.isSafeInteger(size)) throw boxError(source, at + 8, 'A number above 2^53');
  if (size < headerSize) throw boxError(source, at, `Box "${boxName(type)}" is smaller than its header`);
  return { type, size, headerSize };
}

/** Whether a type is of printable ASCII, or the "©" of QuickTime's metadata. */
function isBoxType(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] ?? 0;
    if ((byte < 0x20 || byte > 0x7e) && byte !== 0xa9) return false;
  }
  return true;
}

/** A `malformed-media` error at the byte at `at`, in the boxes around. */
export function boxError({ origin, path }: BoxSource, at: number, message: string): MediaError {
  return new MediaError('malformed-media', message, { offset: origin + at, path });
}
