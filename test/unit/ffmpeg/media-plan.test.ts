import { type InputMedia, type InputTrack, readInputMedia } from '../../../src/ffmpeg/input-media';
import { type MediaWishes, planMedia } from '../../../src/ffmpeg/media-plan';

const H264: InputTrack = { index: 0, codec: 'h264', playable: true, inMp4: true };
const AAC: InputTrack = { index: 1, codec: 'aac', playable: true, inMp4: true };

/** What becomes of the picture and the sound. */
function plan(media: Partial<InputMedia>, wishes: Partial<MediaWishes> = {}): { video: string | undefined; audio: string | undefined } {
  const { video, audio } = planMedia({ finite: true, video: H264, audio: AAC, ...media }, { loop: false, ...wishes });
  return { video: video && `${video.as}, ${video.why}`, audio: audio && `${audio.as}, ${audio.why}` };
}

/** The track of a line of ffmpeg's. */
function track(line: string): InputTrack {
  const { video, audio } = readInputMedia(`  Stream #0:0: ${line}`);
  return (video ?? audio)!;
}

describe('planMedia', () => {
  it('copies what every browser plays', () => {
    expect(plan({})).toEqual({ video: 'copy, every browser plays it', audio: 'copy, every browser plays it' });
  });

  it.each([
    ['Video: vp9 (Profile 0), yuv420p(tv, progressive), 320x240, 30 fps', 'copy, the browsers of today play it'],
    ['Video: av1 (Main), yuv420p(tv), 320x240, 30 fps', 'copy, the browsers of today play it'],
    ['Video: vp9 (Profile 2), yuv420p10le(tv), 320x240, 30 fps', 'h264, since few browsers play it in this profile'],
    ['Video: h264 (High 10), yuv420p10le, 320x240, 30 fps', 'h264, since few browsers play it in this profile'],
    ['Video: vp8, yuv420p(tv, progressive), 320x240, 30 fps', "h264, since browsers don't play vp8 in a stream"],
    ['Video: hevc (Main), yuv420p(tv), 320x240, 30 fps', "h264, since browsers don't play hevc in a stream"],
  ])('decides of %s', (line, decision) => {
    expect(plan({ video: track(line) }, { modern: true }).video).toBe(decision);
  });

  it('encodes for sources what not every browser plays', () => {
    expect(plan({ video: track('Video: vp9 (Profile 0), yuv420p(tv), 320x240'), audio: track('Audio: opus, 48000 Hz, stereo, fltp') })).toEqual({
      video: expect.stringMatching(/^h264, /) as string,
      audio: expect.stringMatching(/^aac, /) as string,
    });
  });

  it('leaves out a track of which nothing comes, and names it', () => {
    const absent = { ...AAC, absent: true };
    expect(planMedia({ finite: false, video: H264, audio: absent }, { loop: false })).toMatchObject({ video: { as: 'copy' }, audio: undefined, absent: { index: 1 } });
    expect(planMedia({ finite: false, video: { ...H264, absent: true }, audio: AAC }, { loop: false })).toMatchObject({ video: undefined, audio: { as: 'copy' }, absent: { index: 0 } });
    expect(planMedia({ finite: false, video: undefined, audio: absent }, { loop: false }).audio).toBeDefined();
    expect(planMedia({ finite: false, video: H264, audio: absent }, { loop: false, audio: 'none' }).absent).toBeUndefined();
  });

  it('encodes H.264 whose frames are out of order and have no presentation times', () => {
    expect(plan({ video: { ...H264, untimed: true } }).video).toBe('h264, since its frames have no presentation times, and copied they would be shown in the wrong order');
  });

  it('encodes H.264 that viewers could not join, unless it is asked to copy it', () => {
    const unjoinable = { ...H264, unjoinable: true };
    expect(plan({ video: unjoinable }).video).toBe('h264, since it has no keyframe (IDR) for over 10 s, and viewers could not join');
    expect(plan({ video: unjoinable }, { video: 'copy' }).video).toBe('copy, as --video says');
  });

  it('says of a codec that ffmpeg does not know that it does not know it', () => {
    expect(plan({ audio: { ...AAC, codec: 'none', playable: false } }).audio).toBe("aac, since ffmpeg doesn't know its codec");
    expect(plan({ audio: { ...AAC, profile: 'xHE-AAC', playable: false } }).audio).toBe('aac, since few browsers play it in this profile');
  });

  it('copies Opus, but for a loop', () => {
    const audio = track('Audio: opus, 48000 Hz, stereo, fltp');
    expect(plan({ audio }, { modern: true }).audio).toBe('copy, the browsers of today play it');
    expect(plan({ audio }, { modern: true, loop: true }).audio).toBe('aac, since it could not be repeated without a seam');
  });

  it('encodes the picture when something is asked of it that only an encoder can do', () => {
    expect(plan({}, { picture: { fps: 10 } }).video).toBe('h264, since --fps changes the picture');
  });

  it('heeds what its user says', () => {
    expect(plan({}, { video: 'vp9', audio: 'none' })).toEqual({ video: 'vp9, as --video says', audio: undefined });
    expect(plan({ audio: undefined }, { video: 'none' })).toEqual({ video: undefined, audio: undefined });
  });
});

describe('what an input has', () => {
  it('is told with its size, rates and length', () => {
    const printed = [
      "Input #0, matroska,webm, from 'film.mkv':",
      '  Duration: 01:02:03.50, start: 0.000000, bitrate: 446 kb/s',
      '  Stream #0:0: Video: h264 (High), yuv420p(tv, bt709, progressive), 640x360 [SAR 1:1 DAR 16:9], 29.97 fps, 30 tbr',
      '  Stream #0:1(eng): Audio: ac3, 48000 Hz, 5.1(side), fltp, 384 kb/s',
    ];
    expect(readInputMedia(printed.join('\n'))).toMatchObject({
      ...{ format: 'matroska,webm', duration: 3723.5 },
      video: { profile: 'High', width: 640, height: 360, frameRate: 29.97 },
      audio: { sampleRate: 48_000, channels: '5.1(side)' },
    });
  });
});
