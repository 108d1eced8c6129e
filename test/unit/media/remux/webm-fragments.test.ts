import type { Chunk, InitSegment } from '../../../../src/media/chunk';
import { MediaParser } from '../../../../src/media/media-parser';
import { WebmFragments } from '../../../../src/media/remux/webm-fragments';
import { codeOf } from '../../../support/code-of';
import { joinBytes, parsePieces } from '../../../support/container-parser-contract';
import { fixture, recording } from '../../../support/recording';

function parse(bytes: Uint8Array): { init: InitSegment; chunks: readonly Chunk[] } {
  const { inits, chunks } = parsePieces((sink) => new MediaParser(sink), [bytes]);
  return { init: inits[0]!, chunks };
}

/** The stream as MP4, read by the parser of MP4; each frame lasts as long as its span says. */
function repackage(bytes: Uint8Array): { mime: string; webm: readonly Chunk[]; mp4: readonly Chunk[] } {
  const { init, chunks } = parse(bytes);
  const fragments = new WebmFragments(init);
  const made = chunks.map((chunk) => ({ chunk, pieces: fragments.write(chunk, chunk.spans[0]!.duration) })).filter(({ pieces }) => pieces.length > 0);
  // Before its first keyframe VP9 isn't known.
  expect(chunks.length - made.length).toBeLessThan(3);
  const { chunks: mp4 } = parse(joinBytes([fragments.init!.bytes, ...made.flatMap(({ pieces }) => pieces)]));
  return { mime: fragments.init!.mime, webm: made.map(({ chunk }) => chunk), mp4 };
}

describe('WebM as fragmented MP4', () => {
  it.each([
    ['VP9 of a recorder', recording('webm-vp9-opus-kf1s'), 'video/mp4; codecs="vp09.00.20.08, opus"'],
    ['AV1 of a recorder', recording('webm-av1-opus'), 'video/mp4; codecs="av01.0.09M.08, opus"'],
    ['VP9 of ffmpeg', fixture('webm/vp9-opus.webm'), expect.stringMatching(/^video\/mp4; codecs="vp09\.00\.\d\d\.08, opus"$/)],
    ['Opus alone', fixture('webm/opus.webm'), 'audio/mp4; codecs="opus"'],
  ])('has the frames of %s, with their times and keyframes', (_name, bytes, mime) => {
    const { mime: made, webm, mp4 } = repackage(bytes);
    expect(made).toEqual(mime);
    expect(mp4.length).toBe(webm.length);
    for (const [index, { start, joinable, hasVideo }] of mp4.entries()) {
      expect([joinable, hasVideo]).toEqual([webm[index]!.joinable, webm[index]!.hasVideo]);
      expect(Math.abs(start - webm[index]!.start)).toBeLessThan(0.002);
    }
  });

  it('shares the payloads of chunks', () => {
    const { init, chunks } = parse(recording('webm-vp9-opus-kf1s'));
    const fragments = new WebmFragments(init);
    for (const chunk of chunks) {
      const [head, ...payload] = fragments.write(chunk, 33);
      if (head === undefined) continue;
      expect(payload.map(({ buffer }) => buffer)).toEqual([chunk.bytes.buffer]);
      expect(head.length).toBeLessThan(200);
    }
  });

  it('refuses a time that MP4 cannot state exactly', () => {
    const { init, chunks } = parse(recording('webm-vp9-opus-kf1s'));
    const fragments = new WebmFragments(init);
    const late = chunks.filter(({ hasVideo }) => hasVideo).map((chunk) => ({ ...chunk, spans: chunk.spans.map((span) => ({ ...span, time: 2 ** 52 })) }));
    expect(codeOf(() => fragments.write(late[0]!, 33))).toBe('malformed-media');
  });

  it.each(['webm-vp8-opus-kf1s'])('refuses %s, which MP4 has no place for', (name) => {
    const { init } = parse(recording(name));
    expect(codeOf(() => new WebmFragments(init))).toBe('unsupported-codec');
  });
});
