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
  it.each(['mp4/every-frame.mp4', 'mp4/keyframe.mp4', 'webm/vp9-opus.webm', 'webm/opus.webm'])('knows the times of %s', (fixture) => {
    const { init, chunks } = relayed(fixture);
    const media = new EpochMedia('e1', init.bytes);
    expect(media.start).toBeUndefined();
    expect(media.edge).toBeUndefined();
    for (const chunk of chunks) media.push(chunk.bytes);
    expect(media.start).toBeCloseTo(chunks[0]!.start, 6);
    const ends = init.tracks.map(({ id, timescale }) => {
      const spans = chunks.flatMap(({ spans: all }) => all.filter(({ trackId }) => trackId === id));
      const last = spans.at(-1)!;
      return (last.time + last.duration) / timescale;
    });
    expect(media.edge).toBeCloseTo(Math.min(...ends), 2);
    expect(media.interval).toBeGreaterThan(0);
  });

  it('takes several chunks at once', () => {
    const { init, chunks } = relayed('mp4/every-frame.mp4');
    const [single, joined] = [new EpochMedia('e1', init.bytes), new EpochMedia('e1', init.bytes)];
    for (const chunk of chunks) single.push(chunk.bytes);
    joined.push(Buffer.concat(chunks.map(({ bytes }) => bytes)));
    expect(joined.edge).toBe(single.edge);
  });

  it('refuses what is no media', () => {
    expect(() => new EpochMedia('e1', new TextEncoder().encode('no media at all'))).toThrow('Neither MP4 nor WebM');
  });
});
