import type { MediaLimits } from '../../src/media/container-parser';
import { Mp4Parser } from '../../src/media/mp4/mp4-parser';
import { joinBytes, parsePieces, type ParseResult } from './container-parser-contract';

/** What `Mp4Parser` makes of `parts`, joined. */
export function parseMp4(parts: readonly Uint8Array[], limits?: MediaLimits): ParseResult {
  return parsePieces((sink, given) => new Mp4Parser(sink, given), [joinBytes(parts)], limits);
}

/** A box found by its path, such as `moov/trak/mdia/mdhd`; all of them, in order. */
export function findBoxes(bytes: Uint8Array, path: string): Uint8Array[] {
  const [type, ...rest] = path.split('/');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = view.getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (size < 8) throw new Error(`Box "${name}" of ${size} bytes`);
    const whole = bytes.subarray(at, at + size);
    if (name === type) found.push(...(rest.length === 0 ? [whole] : findBoxes(whole.subarray(8), rest.join('/'))));
    at += size;
  }
  return found;
}

/** The 32-bit number at `at`. */
export function u32At(bytes: Uint8Array | undefined, at: number): number {
  if (!bytes) throw new Error('No such box');
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

/** The bytes as characters. */
export function textOf(bytes: Uint8Array | undefined): string {
  return String.fromCharCode(...(bytes ?? []));
}
