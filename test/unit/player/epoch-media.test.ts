import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EpochMedia } from '../../../player/video/epoch-media';
import type { Chunk, InitSegment } from '../../../src/media/chunk';
import { MediaParser } from '../../../src/media/media-parser';

/** What the relay sends of a fixture: the init segment, and chunks. */
function relayed(fixture: string): { init: InitSegment; chunks: Chunk[] } {
  const inits: InitSegment[] = [];
  const chunks: Chunk[] = [];
  const parser = new MediaParser({ init: (segment) => inits.push(segment), chunk: (chunk) => chunks.push(chunk) });
  parser.push(readFileSync(join(__dirname, '../../fixtures', fixture)));
  return { init: inits[0]!, chunks };
}

describe('EpochMedia', () => {
  it.each(['mp4/every-frame.mp4', 'mp4/keyframe.mp4', 'mp4/separate-moof.mp4', 'mp4/negative-cts.mp4', 'webm/vp9-opus.webm', 'webm/vp8-vorbis.webm', 'webm/h264-aac.mkv', 'webm/opus.webm'])('knows the times of %s', (fixture) => {
    const { init, chunks } = relayed(fixture);
    const media = new EpochMedia('e1', init.bytes);
    expect(media.start).toBeUndefined();
    expect(media.edge).toBeUndefined();
    for (const chunk of chunks) media.push(chunk.bytes, 0);
    expect(media.start).toBeCloseTo(chunks[0]!.start, 6);
    const ends = init.tracks.map(({ id, timescale }) => {
      const spans = chunks.flatMap(({ spans: all }) => all.filter(({ trackId }) => trackId === id));
      const last = spans.at(-1)!;
      return (last.time + last.duration) / timescale;
    });
    expect(media.edge).toBeCloseTo(Math.min(...ends), 2);
  });

  it('takes several chunks at once', () => {
    const { init, chunks } = relayed('mp4/every-frame.mp4');
    const [single, joined] = [new EpochMedia('e1', init.bytes), new EpochMedia('e1', init.bytes)];
    for (const chunk of chunks) single.push(chunk.bytes, 0);
    joined.push(Buffer.concat(chunks.map(({ bytes }) => bytes)), 0);
    expect(joined.edge).toBe(single.edge);
  });

  it.each(['mp4/every-frame.mp4', 'mp4/cmaf.mp4', 'webm/vp9-opus.webm'])('knows where a decoder can start in %s', (fixture) => {
    const { init, chunks } = relayed(fixture);
    const media = new EpochMedia('e1', init.bytes);
    for (const chunk of chunks) media.push(chunk.bytes, 0);
    const keyframes = chunks.filter(({ joinable }) => joinable).map(({ start }) => start);
    const [first = 0, second = Infinity] = keyframes;
    expect(media.keyframeBefore(first - 0.001)).toBeUndefined();
    expect(media.keyframeBefore(Math.min(second, first + 100) - 0.001)).toBeCloseTo(first, 6);
    expect(media.keyframeBefore(1e6)).toBeCloseTo(keyframes.at(-1)!, 6);
  });

  it('may be cut anywhere where there is sound alone', () => {
    const { init, chunks } = relayed('webm/opus.webm');
    const media = new EpochMedia('e1', init.bytes);
    for (const chunk of chunks) media.push(chunk.bytes, 0);
    expect(media.keyframeBefore(0.123)).toBe(0.123);
  });

  describe('where pictures are taken by their word', () => {
    /** What the blocks of a track say that they last, seconds, as a relay reads them again: NaN where that only bridges gaps. */
    function stated(init: InitSegment, bytes: Uint8Array, kind: 'video' | 'audio'): number[] {
      const seen: number[] = [];
      const { id, timescale } = init.tracks.find((track) => track.kind === kind)!;
      const take = ({ spans }: Chunk): void => spans.filter(({ trackId }) => trackId === id).forEach(({ duration, estimated }) => seen.push(estimated ? NaN : duration / timescale));
      const parser = new MediaParser({ init: () => undefined, chunk: take });
      parser.push(init.bytes);
      parser.push(bytes);
      return seen;
    }

    it('writes shorter durations into WebM, for the picture only, and nothing else', () => {
      const { init, chunks } = relayed('webm/vp9-opus.webm');
      const before = Buffer.concat(chunks.map(({ bytes }) => bytes));
      const after = Uint8Array.from(before);
      const [plain, shortened] = [new EpochMedia('e1', init.bytes), new EpochMedia('e1', init.bytes, { shorten: true })];
      plain.push(before, 0);
      shortened.push(after, 0);
      expect(shortened.edge).toBe(plain.edge);
      const pictures = stated(init, after, 'video');
      expect(stated(init, before, 'video')).toContainEqual(NaN);
      expect(pictures.length).toBeGreaterThan(10);
      expect(Math.max(...pictures)).toBeLessThan(0.5);
      expect(stated(init, after, 'audio')).toEqual(stated(init, before, 'audio'));
      expect(after.filter((byte, i) => byte !== before[i]).length).toBeLessThanOrEqual(4 * pictures.length);
    });

    it('cuts what comes at once into pieces of a frame each, of WebM alone', () => {
      for (const [file, shorten, cut] of [['webm/vp9-opus.webm', true, true], ['webm/vp9-opus.webm', false, false], ['mp4/every-frame.mp4', true, false]] as const) {
        const { init, chunks } = relayed(file);
        const sizes = chunks.map(({ bytes }) => bytes.length);
        const all = Buffer.concat(chunks.map(({ bytes }) => bytes));
        const pieces = new EpochMedia('e1', init.bytes, { shorten }).pieces(all);
        expect(pieces.map(({ length }) => length)).toEqual(cut ? sizes : [all.length]);
        expect(Buffer.compare(Buffer.concat(pieces), all)).toBe(0);
      }
    });

    it('leaves MP4 as it is', () => {
      const { init, chunks } = relayed('mp4/every-frame.mp4');
      const before = Buffer.concat(chunks.map(({ bytes }) => bytes));
      const after = Uint8Array.from(before);
      new EpochMedia('e1', init.bytes, { shorten: true }).push(after, 0);
      expect(Buffer.compare(before, after)).toBe(0);
    });
  });

  it('refuses what is no media', () => {
    expect(() => new EpochMedia('e1', new TextEncoder().encode('no media at all'))).toThrow();
  });
});
