import { MediaParser } from '../../../../src/media/media-parser';
import { unbridged } from '../../../../src/media/remux/unbridged';
import { parsePieces } from '../../../support/container-parser-contract';
import { recording } from '../../../support/recording';

/** What the first sample of a fragment with one track states, ticks: behind the size, type, flags, count and data offset of its `trun`. */
function statedDuration(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes);
  return buffer.readUInt32BE(buffer.indexOf('trun') + 16);
}

describe('a fragment whose duration bridges a gap', () => {
  it('gets its real one, and shares the rest', () => {
    const { chunks } = parsePieces((sink) => new MediaParser(sink), [recording('webm-h264-opus')]);
    const guessed = chunks.filter(({ spans }) => spans[0]!.estimated);
    expect(guessed.length).toBeGreaterThan(10);
    for (const { bytes } of guessed) {
      const pieces = unbridged(bytes, 2_970);
      expect(pieces[1]!.buffer).toBe(bytes.buffer);
      expect(pieces.map(({ length }) => length).reduce((sum, length) => sum + length)).toBe(bytes.length);
      expect([statedDuration(bytes), statedDuration(pieces[0]!)]).toEqual([90_000, 2_970]);
    }
  });

  it('is left alone where it bridges nothing', () => {
    const { chunks } = parsePieces((sink) => new MediaParser(sink), [recording('mp4-avc1-opus-kf1s')]);
    for (const { bytes } of chunks) expect(unbridged(bytes, 1)).toEqual([bytes]);
  });
});
