import type { ByteReader } from '../byte-reader';

/** ID and size of an element, RFC 8794 §4 to §6. */
export interface ElementHeader {
  /** With its length marker, as written in the specification. */
  readonly id: number;
  /** Bytes behind the header; `Infinity` if unknown. */
  readonly size: number;
  readonly headerSize: number;
}

/** Bytes of the longest header: an ID of 4 and a size of 8. */
export const MAX_ELEMENT_HEADER = 12;

/** How many bytes a variable-size integer has that begins with `first`: 1 to 8, or 9 if it is none. */
export function vintLength(first: number): number {
  return Math.clz32(first) - 23;
}

/** Reads a variable-size integer (RFC 8794 §4); `Infinity` if all its bits are 1, which is how an unknown size is told. */
export function readVint(reader: ByteReader): number {
  const at = reader.position;
  const first = reader.u8();
  const length = vintLength(first);
  if (length > 8) throw reader.error('A number of more than 8 bytes', at);
  const mask = 0xff >> length;
  let value = first & mask;
  let unknown = value === mask;
  for (let i = 1; i < length; i++) {
    const byte = reader.u8();
    unknown &&= byte === 0xff;
    value = value * 256 + byte;
  }
  if (unknown) return Infinity;
  if (!Number.isSafeInteger(value)) throw reader.error('A number above 2^53', at);
  return value;
}

/** How many bytes the header that begins with `bytes` has at least: more than there are, or all of them; `Infinity` if it is none. */
export function wantedHeaderBytes(bytes: Uint8Array): number {
  const [first] = bytes;
  if (first === undefined) return 1;
  const idLength = vintLength(first);
  if (idLength > 4) return Infinity;
  const sizeFirst = bytes[idLength];
  if (sizeFirst === undefined) return idLength + 1;
  const sizeLength = vintLength(sizeFirst);
  return sizeLength > 8 ? Infinity : idLength + sizeLength;
}

/** Reads a header, all of which is there. @throws MediaError `malformed-media`. */
export function readElementHeader(reader: ByteReader): ElementHeader {
  const begin = reader.position;
  const first = reader.u8();
  const idLength = vintLength(first);
  if (idLength > 4) throw reader.error('Not an element: its ID is longer than 4 bytes', begin);
  let id = first;
  for (let i = 1; i < idLength; i++) id = id * 256 + reader.u8();
  const size = readVint(reader);
  return { id, size, headerSize: reader.position - begin };
}
