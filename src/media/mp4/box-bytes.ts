/** Content of a box: bytes, or small numbers that are bytes. */
export type BoxPart = Uint8Array | readonly number[];

/** A whole box with a 32-bit size, ISO/IEC 14496-12 §4.2. For boxes of an init segment, which are few and small; `BoxWriter` writes fragments. */
export function boxBytes(type: string, ...parts: readonly BoxPart[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return joinParts([u32(size), fourCC(type), ...parts]);
}

/** All parts, one after the other. */
export function joinParts(parts: readonly BoxPart[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A box with version and flags, §4.2.2. */
export function fullBoxBytes(type: string, { version = 0, flags = 0 }: { version?: number; flags?: number }, ...parts: readonly BoxPart[]): Uint8Array {
  return boxBytes(type, u32(version * 2 ** 24 + flags), ...parts);
}

export function u16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value)];
}

export function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** Four characters, each a byte. */
export function fourCC(type: string): number[] {
  return Array.from(type, (character) => character.charCodeAt(0));
}
