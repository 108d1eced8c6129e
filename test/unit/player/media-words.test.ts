import { droppedWords, mediaWords, stoppedWords } from '../../../player/words/media-words';
import type { TrackInfo } from '../../../src/protocol/watch-message';

const video = (codec: string, size: { width?: number; height?: number } = { width: 1280, height: 720 }): TrackInfo => ({ kind: 'video', codec, ...size });
const audio = (codec: string): TrackInfo => ({ kind: 'audio', codec });

describe('mediaWords', () => {
  it.each<[string, TrackInfo[]]>([
    ['H.264 + AAC, 1280×720', [video('avc1.64001F'), audio('mp4a.40.2')]],
    ['VP9 + Opus, 1280×720', [audio('opus'), video('vp09.00.31.08')]],
    ['H.265, 1280×720, no sound', [video('hev1.1.6.L93.B0')]],
    ['AV1 + Opus', [video('av01.0.05M.08', {}), audio('Opus')]],
    ['VP8 + Vorbis, 1280×720', [video('vp8'), audio('vorbis')]],
    ['FLAC, sound only', [audio('fLaC')]],
    ['MP3, sound only', [audio('mp4a.6B')]],
    ['E-AC-3, sound only', [audio('ec-3')]],
  ])('says %s', (words, tracks) => {
    expect(mediaWords(tracks)).toBe(words);
  });

  it('names the tracks that are not passed on', () => {
    expect(droppedWords([{ kind: 'audio', codec: 'mp4a' }])).toBe('1 audio track (mp4a)');
    expect(droppedWords([{ kind: 'audio', codec: 'A_AAC' }, { kind: 'video', codec: 'V_MJPEG' }, { kind: 'audio', codec: 'A_AC3' }])).toBe('1 video track (V_MJPEG), 2 audio tracks (A_AAC, A_AC3)');
  });

  it('says what has stopped', () => {
    expect(stoppedWords(['audio'])).toBe('no sound comes any more');
    expect(stoppedWords(['video'])).toBe('no picture comes any more');
  });

  it('leaves a codec that it does not know as it is', () => {
    expect(mediaWords([video('vvc1.1.L51')])).toBe('vvc1.1.L51, 1280×720, no sound');
  });
});
