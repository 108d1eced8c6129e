import type { Chunk } from '../../../src/media/chunk';
import { Continuity } from '../../../src/media/continuity';
import { audio, delta, initSegment, key, onlyAudio } from '../../support/fake-media';

const video = initSegment().tracks[0]!;
const sound = initSegment().tracks[1]!;

/** Gives the media to a `Continuity`, and returns what comes out in words: `init`, `jumped -60`, `video 1.5`. */
function passOn(media: readonly (Chunk | ReturnType<typeof initSegment>)[]): string[] {
  const out: string[] = [];
  const continuity = new Continuity({
    init: () => out.push('init'),
    chunk: ({ hasVideo, start }) => out.push(`${hasVideo ? 'video' : 'audio'} ${start}`),
    jumped: (seconds) => out.push(`jumped ${Math.round(seconds * 10) / 10}`),
  });
  for (const item of media) {
    if ('tracks' in item) continuity.init(item);
    else continuity.chunk(item);
  }
  return out;
}

describe('the continuity of a stream', () => {
  it('passes over an init segment that is byte for byte the one before', () => {
    expect(passOn([initSegment(), key({ start: 0 }), initSegment(), delta({ start: 0.1 })])).toEqual(['init', 'video 0', 'video 0.1']);
  });

  it('begins a new epoch with another init segment', () => {
    const other = initSegment();
    other.bytes[4] = 1;
    expect(passOn([initSegment(), key({ start: 0 }), other, key({ start: 0 })])).toEqual(['init', 'video 0', 'init', 'video 0']);
  });

  it('begins a new epoch where times jump back by a minute', () => {
    expect(passOn([initSegment(), key({ start: 60 }), delta({ start: 60.1 }), key({ start: 0 }), delta({ start: 0.1 })])).toEqual(['init', 'video 60', 'video 60.1', 'jumped -60.2', 'init', 'video 0', 'video 0.1']);
  });

  it('begins a new epoch where times jump forward beyond what is retained', () => {
    expect(passOn([initSegment(), key({ start: 0 }), key({ start: 11 })])).toEqual(['init', 'video 0', 'jumped 10.9', 'init', 'video 11']);
  });

  it.each([
    ['goes on after a gap that is within what is retained', [key({ start: 0 }), key({ start: 9 })]],
    ['goes on where frames are reordered, whose durations are guesses', [key({ start: 0, end: 1 }), delta({ start: 0.001, end: 1.001 }), delta({ start: 0.002, end: 1.002 }), delta({ start: 1, end: 2 })]],
    ['goes on where times overlap a little', [key({ start: 1 }), key({ start: 0.7 })]],
    ['goes on with video that was away while audio went on', [key({ start: 0 }), audio({ start: 9 }), audio({ start: 18 }), audio({ start: 27 }), key({ start: 28 })]],
    ['goes on with audio that begins some seconds late', [key({ start: 0 }), key({ start: 5 }), audio({ start: 0.5 })]],
    ['goes on with audio that is behind its video in the file', [key({ start: 0 }), audio({ start: 0 }), key({ start: 4 }), audio({ start: 0.1 })]],
  ])('%s', (_, chunks) => {
    const out = passOn([initSegment(), ...chunks]);
    expect(out.filter((word) => word.startsWith('jumped'))).toEqual([]);
    expect(out).toHaveLength(1 + chunks.length);
  });

  it('drops audio of the old timeline after a jump of the video, and goes on with that of the new', () => {
    const out = passOn([initSegment(), key({ start: 60 }), audio({ start: 60 }), key({ start: 0 }), audio({ start: 60.1 }), audio({ start: 0 }), delta({ start: 0.1 })]);
    expect(out.slice(3)).toEqual(['jumped -60.1', 'init', 'video 0', 'audio 0', 'video 0.1']);
  });

  it('drops audio of the new timeline until its video jumps', () => {
    const out = passOn([initSegment(), key({ start: 60 }), audio({ start: 60 }), audio({ start: 0 }), key({ start: 0 }), audio({ start: 0.1 })]);
    expect(out.slice(3)).toEqual(['jumped -60.1', 'init', 'video 0', 'audio 0.1']);
  });

  it('is back on its timeline after one chunk that is an hour off', () => {
    const out = passOn([initSegment(), key({ start: 1 }), audio({ start: 1 }), delta({ start: 3601 }), audio({ start: 1.1 }), key({ start: 1.2 }), audio({ start: 1.2 })]);
    expect(out.slice(3)).toEqual(['jumped 3599.9', 'init', 'video 3601', 'jumped -3599.9', 'init', 'video 1.2', 'audio 1.2']);
  });

  it('goes by audio that jumps after its video has stopped', () => {
    const jumped = Array.from({ length: 50 }, (_, i) => audio({ start: i / 10 }));
    const out = passOn([initSegment(), key({ start: 60 }), audio({ start: 60 }), ...jumped]);
    expect(out.slice(3, 6)).toEqual(['jumped -56.2', 'init', 'audio 3.9']);
    expect(out.filter((word) => word.startsWith('jumped'))).toHaveLength(1);
  });

  it('drops pieces of 3 s of audio of the old timeline after a jump of the video', () => {
    const out = passOn([initSegment(), key({ start: 60 }), key({ start: 0, end: 3 }), audio({ start: 60, end: 63 }), key({ start: 3, end: 6 }), audio({ start: 63, end: 66 }), key({ start: 6 })]);
    expect(out.slice(2)).toEqual(['jumped -60.1', 'init', 'video 0', 'video 3', 'video 6']);
  });

  it('goes by audio where there is no video', () => {
    expect(passOn([initSegment([sound]), onlyAudio({ start: 30 }), onlyAudio({ start: 0 })])).toEqual(['init', 'audio 30', 'jumped -30.1', 'init', 'audio 0']);
  });

  it('goes by the video of a chunk that has both tracks', () => {
    const both = (start: number): Chunk => ({ ...key({ start }), spans: [...audio({ start: start + 3 }).spans, ...key({ start }).spans] });
    expect(passOn([initSegment([video, sound]), both(20), both(20.1), both(0)])).toEqual(['init', 'video 20', 'video 20.1', 'jumped -20.2', 'init', 'video 0']);
  });
});
