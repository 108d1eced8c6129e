/** A piece of a small structure: bytes, or small numbers that are bytes. */
export type BytePart = Uint8Array | readonly number[];

/** All parts, one after the other. For init segments, which are few and small. */
export function joinParts(parts: readonly BytePart[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A big-endian number of two bytes. */
export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

/** A big-endian number of four bytes. */
export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}
