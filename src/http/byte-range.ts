/** Bytes from `from` to before `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The one range that a `Range` header asks for of `size` bytes, RFC 9110 §14.1.2: `all` if it says nothing that is understood, `none` if
 * there is no such byte. The package `range-parser` (1.3) refuses `bytes=-300` of 10 bytes, which asks for all of them.
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'all' | 'none' {
  const [, first, last] = RANGE.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return 'all';
  if (first === '') return Number(last) === 0 ? 'none' : { from: Math.max(0, size - Number(last)), to: size };
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'all';
  if (from >= size) return 'none';
  return { from, to: last === '' ? size : Math.min(size, Number(last) + 1) };
}

/** What of `pieces`, one behind the other, lies in `range`: views, not copies. */
export function slicePieces(pieces: readonly Uint8Array[], { from, to }: ByteRange): Uint8Array[] {
  const sliced: Uint8Array[] = [];
  let start = 0;
  for (const piece of pieces) {
    const part = piece.subarray(Math.max(0, from - start), Math.max(0, to - start));
    if (part.length > 0) sliced.push(part);
    start += piece.length;
  }
  return sliced;
}
