import { u16At } from '../big-endian';
import { ByteReader, type BytePlace } from '../byte-reader';
import { isExact, readVint, vintAt, vintLength } from './element-header';

/** The head of a Block or SimpleBlock, RFC 9559 §10.1 and §10.2. */
export interface BlockHead {
  readonly track: number;
  /** Ticks from the cluster's Timestamp on, signed. */
  readonly relativeTime: number;
  readonly flags: number;
  readonly headSize: number;
}

/** Bytes of the longest head. */
export const MAX_BLOCK_HEAD = 11;

/** Flag of a SimpleBlock: its frames are keyframes. */
export const KEYFRAME = 0x80;
/** Flag: decoded, but not shown. */
const INVISIBLE = 0x08;
const LACING = 0x06;
const XIPH_LACING = 0x02;
const FIXED_LACING = 0x04;

/** How many bytes the head has that begins with `first`; too few for one that is broken. */
export function headLength(first: number): number {
  return Math.min(vintLength(first) + 3, MAX_BLOCK_HEAD);
}

/** The head that begins at `at`, all of which is there; nothing if its track isn't told by a number. */
export function readBlockHead(bytes: Uint8Array, at: number): BlockHead | undefined {
  const length = vintLength(bytes[at] ?? 0);
  if (length > 8) return undefined;
  const track = vintAt(bytes, at, length);
  if (!isExact(track)) return undefined;
  return { track, relativeTime: (u16At(bytes, at + length) << 16) >> 16, flags: bytes[at + length + 2] ?? 0, headSize: length + 3 };
}

/** The flags that a Block without lacing keeps: the others are told by its BlockGroup. */
export function plainFlags(flags: number): number {
  return flags & INVISIBLE;
}

export function isLaced(flags: number): boolean {
  return (flags & LACING) !== 0;
}

/** How many frames the payload of a block with lacing says that it has. */
export function laceCount(payload: Uint8Array): number {
  return (payload[0] ?? 0) + 1;
}

/** The frames in the payload of a block with lacing, RFC 9559 §10.3, as views of it. @throws MediaError `malformed-media`. */
export function laceFrames(payload: Uint8Array, flags: number, place: BytePlace): Uint8Array[] {
  const reader = new ByteReader(payload, place);
  const count = reader.u8() + 1;
  const sizes = laceSizes(reader, count, flags & LACING);
  return sizes.map((size) => reader.bytes(size));
}

function laceSizes(reader: ByteReader, count: number, lacing: number): number[] {
  if (lacing === FIXED_LACING) {
    if (reader.remaining % count !== 0) throw reader.error(`${reader.remaining} bytes can't be ${count} frames of one size`);
    return new Array<number>(count).fill(reader.remaining / count);
  }
  const sizes = lacing === XIPH_LACING ? xiphSizes(reader, count - 1) : ebmlSizes(reader, count - 1);
  const last = reader.remaining - sizes.reduce((sum, size) => sum + size, 0);
  if (last < 0) throw reader.error('The frames of a lace are larger than their block');
  return [...sizes, last];
}

/** §10.3.2. */
function xiphSizes(reader: ByteReader, count: number): number[] {
  return Array.from({ length: count }, () => {
    let size = 0;
    for (;;) {
      const byte = reader.u8();
      size += byte;
      if (byte < 255) return size;
    }
  });
}

/** §10.3.3: the first size, then signed differences. */
function ebmlSizes(reader: ByteReader, count: number): number[] {
  let size = 0;
  return Array.from({ length: count }, (_, index) => {
    const at = reader.position;
    const value = readVint(reader);
    const length = reader.position - at;
    size = index === 0 ? value : size + value - (2 ** (7 * length - 1) - 1);
    if (!(size >= 0 && size <= reader.remaining)) throw reader.error('A frame of a lace is larger than its block', at);
    return size;
  });
}
