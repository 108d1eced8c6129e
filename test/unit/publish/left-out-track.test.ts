import type { Chunk } from '../../../src/media/chunk';
import { Camera, MP4, SURROUND_MP4, VORBIS_WEBM, WEBM } from '../../support/camera';
import { joinBytes } from '../../support/container-parser-contract';
import { AUDIO, fragment, VIDEO } from '../../support/mp4-boxes';
import { parseMp4 } from '../../support/mp4-parse';

const text = (chunks: readonly Chunk[]): string => chunks.map(({ bytes }) => Buffer.from(bytes).toString('latin1')).join('');
const kinds = ({ init }: Camera): string[] => init!.tracks.map(({ kind }) => kind);

describe.each([
  ['MP4', SURROUND_MP4],
  ['WebM', VORBIS_WEBM],
])('sound that stops, in %s, of a codec without silence', (_, container) => {
  it('is left out of a new epoch within 2 s, which begins with the GOP so far', () => {
    const camera = new Camera(container).until(3_350).until(5_350, { audio: false });
    expect(camera.told).toEqual(['init', 'init audio']);
    expect(kinds(camera)).toEqual(['video']);
    expect(camera.init!.mime).not.toContain(',');
    expect(Buffer.from(camera.init!.bytes).includes(container === SURROUND_MP4 ? 'Opus' : 'A_VORBIS')).toBe(false);
    const [first] = camera.epoch;
    expect(first?.joinable).toBe(true);
    expect(camera.parts('audio', camera.epoch)).toEqual([]);
    const sent = [...text(camera.epoch).matchAll(/p(\d+)00/g)].map(([, time]) => Number(time));
    expect(sent).toEqual(Array.from({ length: 14 }, (__, i) => 40 + i));
    const starts = camera.parts('video', camera.epoch).map(({ start }) => start);
    expect(starts).toEqual([...new Set(starts)].sort((one, other) => one - other));
    expect(starts[0]).toBeGreaterThan(4.5);
  });

  it('is in a new epoch again from the next keyframe after it is back', () => {
    const camera = new Camera(container).until(3_000).until(6_000, { audio: false });
    camera.until(6_500);
    expect(camera.told).toEqual(['init', 'init audio', 'keyframe']);
    camera.until(7_500);
    expect(camera.told).toEqual(['init', 'init audio', 'keyframe', 'init']);
    expect(kinds(camera)).toEqual(['video', 'audio']);
    expect(camera.epoch[0]).toMatchObject({ joinable: true, start: 7 });
    expect(camera.parts('audio', camera.epoch).map(({ start }) => start)[0]).toBeCloseTo(7);
  });

  it('is left out from the next keyframe on where the GOP is too large to be sent again', () => {
    const camera = new Camera(container, 350).until(32_000).until(34_900, { audio: false });
    expect(camera.told).toEqual(['init', 'stopped audio', 'keyframe']);
    camera.until(36_000, { audio: false });
    expect(camera.told).toEqual(['init', 'stopped audio', 'keyframe', 'init audio']);
    expect(camera.epoch[0]).toMatchObject({ joinable: true, start: 35 });
  });

  it('is left out of the epoch that a jump of the times begins', () => {
    const camera = new Camera(container).until(3_000).until(6_000, { audio: false }).jump(60_000).until(8_000, { audio: false });
    expect(camera.told).toEqual(['init', 'init audio', 'jumped', 'init audio']);
    camera.until(10_000);
    expect(camera.told.slice(4)).toEqual(['keyframe', 'init']);
  });

  it('makes few epochs where it stops and comes back all the time', () => {
    const camera = new Camera(container);
    for (let time = 0; time < 300_000; time += 5_000) camera.until(time + 2_000).until(time + 5_000, { audio: false });
    expect(camera.told.filter((told) => told.startsWith('init')).length).toBeLessThan(6);
    camera.until(400_000);
    expect(kinds(camera)).toEqual(['video', 'audio']);
  });
});

describe.each([
  ['MP4', MP4],
  ['WebM', WEBM],
])('a picture of which no keyframe has come, in %s, that stops', (_, container) => {
  it('is left out of a new epoch of sound, and is in another one from its first keyframe on', () => {
    const camera = new Camera(container, 0).until(3_000).until(5_000, { video: false });
    expect(camera.told).toEqual(['init', 'init video']);
    expect(kinds(camera)).toEqual(['audio']);
    expect(camera.init!.mime).toMatch(/^audio\//);
    expect(camera.epoch.length).toBeGreaterThan(10);
    expect(camera.epoch.every(({ joinable, hasVideo, standsIn }) => joinable && !hasVideo && standsIn === undefined)).toBe(true);
    camera.until(5_500);
    expect(camera.told).toEqual(['init', 'init video', 'keyframe']);
    expect(camera.parts('video', camera.epoch)).toEqual([]);
    camera.keyframes(10).until(6_500);
    expect(camera.told).toEqual(['init', 'init video', 'keyframe', 'init']);
    expect(camera.epoch[0]).toMatchObject({ joinable: true, hasVideo: true });
  });
});

it('of fragments with both tracks, only the picture is passed on until the next keyframe', () => {
  const both = (time: number, samples: number): Uint8Array =>
    fragment([
      { id: VIDEO, time, samples: [{ duration: 100, flags: 0x01010000, data: `p${time}` }] },
      { id: AUDIO, time: time / 10, samples: Array.from({ length: samples }, () => ({ duration: 2, data: '\xfcsound' })) },
    ]);
  const camera = new Camera(SURROUND_MP4).until(3_000).until(5_000, { audio: false });
  const before = camera.chunks.length;
  camera.push(both(5_000, 5));
  const [chunk] = camera.chunks.slice(before);
  expect(text([chunk!])).toContain('p5000');
  expect(text([chunk!])).not.toContain('sound');
  expect(chunk).toMatchObject({ start: 5, end: 5.1, joinable: false, hasVideo: true, spans: [{ trackId: VIDEO, time: 5_000, duration: 100 }] });
  const { chunks, error } = parseMp4([joinBytes([camera.init!.bytes, chunk!.bytes])]);
  expect(error).toBeUndefined();
  expect(chunks).toMatchObject([{ start: 5, end: 5.1, spans: [{ trackId: VIDEO }] }]);
});
