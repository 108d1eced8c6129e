import { readRange, slicePieces } from '../../../src/http/byte-range';

describe('a range of bytes', () => {
  it.each([
    [undefined, 'all'],
    ['bytes=0-', { from: 0, to: 10 }],
    ['bytes=2-4', { from: 2, to: 5 }],
    ['bytes=2-400', { from: 2, to: 10 }],
    ['bytes=-3', { from: 7, to: 10 }],
    ['bytes=-300', { from: 0, to: 10 }],
    ['bytes=-0', 'none'],
    ['bytes=10-', 'none'],
    ['bytes=4-2', 'all'],
    ['bytes=-', 'all'],
    ['bytes=0-1,3-4', 'all'],
    ['items=0-1', 'all'],
  ])('%s of 10 bytes is %j', (header, expected) => {
    expect(readRange(header, 10)).toEqual(expected);
  });

  it('is cut out of pieces without a copy', () => {
    const pieces = [Uint8Array.of(0, 1, 2), Uint8Array.of(3), Uint8Array.of(4, 5, 6)];
    const cut = slicePieces(pieces, { from: 2, to: 6 });
    expect(cut.map((piece) => [...piece])).toEqual([[2], [3], [4, 5]]);
    expect(cut[2]!.buffer).toBe(pieces[2]!.buffer);
    expect(slicePieces(pieces, { from: 3, to: 4 }).map((piece) => [...piece])).toEqual([[3]]);
  });
});
