import { type BytePart, joinParts, u32 } from '../byte-parts';

/** A whole box with a 32-bit size, ISO/IEC 14496-12 §4.2. For boxes of an init segment, which are few and small; `BoxWriter` writes fragments. */
export function boxBytes(type: string, ...parts: readonly BytePart[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 8);
  return joinParts([u32(size), fourCC(type), ...parts]);
}

/** A box with version and flags, §4.2.2. */
export function fullBoxBytes(type: string, { version = 0, flags = 0 }: { version?: number; flags?: number }, ...parts: readonly BytePart[]): Uint8Array {
  return boxBytes(type, u32(version * 2 ** 24 + flags), ...parts);
}

export function zeros(count: number): number[] {
  return new Array<number>(count).fill(0);
}

/** Four characters, each a byte. */
export function fourCC(type: string): number[] {
  return Array.from(type, (character) => character.charCodeAt(0));
}
