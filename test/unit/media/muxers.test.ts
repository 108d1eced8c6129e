import { MediaParser } from '../../../src/media/media-parser';
import { parsePieces, type ParseResult } from '../../support/container-parser-contract';
import { mediabunnyMp4, mediabunnyWebm, mp4boxFragments } from '../../support/muxers';
import { fixture } from '../../support/recording';

const parse = (bytes: Uint8Array): ParseResult => parsePieces((sink) => new MediaParser(sink), [bytes]);

/** Seconds of video and of sound. */
function lengths({ inits, chunks }: ParseResult): Record<string, number> {
  const tracks = inits[0]?.tracks ?? [];
  return Object.fromEntries(
    tracks.map(({ id, kind, timescale }) => {
      const spans = chunks.flatMap((chunk) => chunk.spans).filter((span) => span.trackId === id);
      const end = Math.max(...spans.map(({ time, duration }) => time + duration));
      return [kind, Math.round((100 * (end - Math.min(...spans.map(({ time }) => time)))) / timescale) / 100];
    }),
  );
}

// The other muxers' streams are in test/fixtures.
describe('a stream of', () => {
  it.each([
    ['mediabunny, as MP4', () => mediabunnyMp4(fixture('mp4/keyframe.mp4')), 'video/mp4; codecs="avc1.42D00B, mp4a.40.2"', { video: 2.02, audio: 2.02 }],
    ['mediabunny, as WebM', () => mediabunnyWebm(fixture('webm/vp9-opus.webm')), 'video/webm; codecs="vp09.00.10.08, opus"', { video: 2, audio: 2.02 }],
    ['mp4box.js', () => Promise.resolve(mp4boxFragments(fixture('mp4/refused/plain.mp4'))), 'video/mp4; codecs="avc1.42C00A, mp4a.40.2"', { video: 0.53, audio: 0.52 }],
  ])('%s is cut, with nothing lost', async (_name, make, mime, expected) => {
    const result = parse(await make());
    expect(result.error).toBeUndefined();
    expect(result.inits.map((init) => init.mime)).toEqual([mime]);
    expect(result.chunks.some(({ joinable }) => joinable)).toBe(true);
    expect(lengths(result)).toEqual(expected);
  });
});
