import type { ByteReader } from '../byte-reader';

/** ID and size of an element, RFC 8794 §4 to §6. */
interface ElementHeader {
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

/**
 * The variable-size integer (RFC 8794 §4) of `length` bytes, all of which are there, that begins at `at`; `Infinity` if all its bits
 * are 1, which is how an unknown size is told. Rounded above 2^53, which is for the caller to refuse.
 */
export function vintAt(bytes: Uint8Array, at: number, length: number): number {
  const mask = 0xff >> length;
  let value = (bytes[at] ?? 0) & mask;
  let unknown = value === mask;
  for (let i = at + 1; i < at + length; i++) {
    const byte = bytes[i] ?? 0;
    unknown &&= byte === 0xff;
    value = value * 256 + byte;
  }
  return unknown ? Infinity : value;
}

/** Whether a number is exact, or says that it is unknown. */
export function isExact(value: number): boolean {
  return value <= Number.MAX_SAFE_INTEGER || value === Infinity;
}

/** Reads a variable-size integer, as `vintAt` does. @throws MediaError `malformed-media`. */
export function readVint(reader: ByteReader): number {
  const at = reader.position;
  const length = vintLength(reader.peek());
  if (length > 8) throw reader.error('A number of more than 8 bytes', at);
  const value = vintAt(reader.bytes(length), 0, length);
  if (!isExact(value)) throw reader.error('A number above 2^53', at);
  return value;
}

/** How many bytes the header that begins at `at` has at least: more than there are, or all of them; `Infinity` if it is none. */
export function wantedHeaderBytes(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === undefined) return 1;
  const idLength = vintLength(first);
  if (idLength > 4) return Infinity;
  const sizeFirst = bytes[at + idLength];
  if (sizeFirst === undefined) return idLength + 1;
  const sizeLength = vintLength(sizeFirst);
  return sizeLength > 8 ? Infinity : idLength + sizeLength;
}

/** The ID that begins at `at`, all of which is there, with its length marker: its bytes as one number. */
export function idAt(bytes: Uint8Array, at: number): number {
  const length = vintLength(bytes[at] ?? 0);
  let id = 0;
  for (let i = at; i < at + length; i++) id = id * 256 + (bytes[i] ?? 0);
  return id;
}

/** Reads a header, all of which is there. @throws MediaError `malformed-media`. */
export function readElementHeader(reader: ByteReader): ElementHeader {
  const begin = reader.position;
  const idLength = vintLength(reader.peek());
  if (idLength > 4) throw reader.error('Not an element: its ID is longer than 4 bytes', begin);
  const id = idAt(reader.bytes(idLength), 0);
  const size = readVint(reader);
  return { id, size, headerSize: reader.position - begin };
}
