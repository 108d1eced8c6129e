import { readInputMedia } from '../../../src/ffmpeg/input-media';

const H264 = '  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv, bt709, progressive), 640x360 [SAR 1:1 DAR 16:9], 341 kb/s, 30 fps';

describe('readInputMedia', () => {
  it('reads what ffmpeg 5 prints', () => {
    const printed = [
      "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'demo.mp4':",
      '  Metadata:',
      '    title           : Stream #0:7: Video: h264',
      '  Duration: 00:00:08.00, start: 0.000000, bitrate: 446 kb/s',
      H264,
      '  Stream #0:1[0x2](und): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, stereo, fltp, 96 kb/s (default)',
    ];
    expect(readInputMedia(printed.join('\n'))).toMatchObject({
      finite: true,
      video: { index: 0, codec: 'h264', playable: true, inMp4: true },
      audio: { index: 1, codec: 'aac', playable: true, inMp4: true },
    });
  });

  it('reads what the packaged ffmpeg of 2018 prints of an MPEG-TS', () => {
    const printed = [
      '  Duration: N/A, start: 1.400000, bitrate: N/A',
      '  Program 1 ',
      '    Stream #0:0[0x100]: Video: h264 (Main) ([27][0][0][0] / 0x001B), yuv420p(progressive), 640x360 [SAR 1:1 DAR 16:9], 30 fps, 30 tbr, 90k tbn, 60 tbc',
      '    Stream #0:1[0x101](und): Audio: aac (LC) ([15][0][0][0] / 0x000F), 48000 Hz, stereo, fltp, 124 kb/s',
    ];
    expect(readInputMedia(printed.join('\n'))).toMatchObject({
      finite: false,
      video: { index: 0, playable: true, inMp4: false },
      audio: { index: 1, playable: true, inMp4: false },
    });
  });

  it.each([
    [true, H264],
    [true, '  Stream #0:0: Video: h264 (Constrained Baseline), yuvj420p(pc, bt470bg/unknown/unknown), 640x480, 25 fps'],
    [true, '  Stream #0:0: Video: h264, yuv420p, 640x480'],
    [false, '  Stream #0:0: Video: h264 (High 10), yuv420p10le(progressive), 640x480'],
    [false, '  Stream #0:0: Video: h264 (High 4:4:4 Predictive), yuv444p(progressive), 640x480'],
    [false, '  Stream #0:0: Video: h264, none, 90k tbr'],
    [false, '  Stream #0:0: Video: hevc (Main) (hvc1 / 0x31637668), yuv420p(tv, progressive), 640x480'],
    [false, '  Stream #0:0: Video: vp8, yuv420p(tv, bt470bg/unknown/unknown, progressive), 320x240'],
    [false, '  Stream #0:0: Video: mpeg4 (Simple Profile) (FMP4 / 0x34504D46), yuv420p, 320x240'],
  ])('knows whether every browser plays the picture: %s for %s', (playable, line) => {
    expect(readInputMedia(line).video?.playable).toBe(playable);
  });

  it.each([
    [true, '  Stream #0:1: Audio: aac (LC), 44100 Hz, mono, fltp'],
    [true, '  Stream #0:1: Audio: aac (HE-AACv2) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp'],
    [true, '  Stream #0:1: Audio: aac, 48000 Hz, stereo, fltp'],
    [false, '  Stream #0:1: Audio: aac (Main), 44100 Hz, stereo, fltp'],
    [false, '  Stream #0:1: Audio: aac_latm (LC), 48000 Hz, stereo, fltp'],
    [false, '  Stream #0:1: Audio: mp3 (U[0][0][0] / 0x0055), 44100 Hz, stereo, fltp'],
    [false, '  Stream #0:1: Audio: opus, 48000 Hz, stereo, fltp (default)'],
  ])('knows whether every browser plays the sound: %s for %s', (playable, line) => {
    expect(readInputMedia(line).audio?.playable).toBe(playable);
  });

  it('takes the largest picture and the first sound where none is the default, and no cover picture', () => {
    const printed = [
      '  Stream #0:0: Video: mjpeg (Baseline), yuvj444p(pc), 500x500 [SAR 1:1 DAR 1:1], 90k tbr, 90k tbn (attached pic)',
      '  Stream #0:1: Data: none',
      '  Stream #0:2(eng): Audio: ac3, 48000 Hz, 5.1(side), fltp, 384 kb/s',
      '  Stream #0:3(deu): Audio: aac (LC), 48000 Hz, stereo, fltp',
      '  Stream #0:4: Video: h264 (Main), yuv420p(progressive), 640x360',
      '  Stream #0:5: Video: h264 (Main), yuv420p(progressive), 1920x1080',
    ];
    expect(readInputMedia(printed.join('\n'))).toMatchObject({ video: { index: 5 }, audio: { index: 2, codec: 'ac3' } });
  });

  it('takes the default track before a larger or an earlier one', () => {
    const printed = [
      '  Stream #0:0: Video: mjpeg (Baseline), yuvj420p(pc), 1920x1080, 25 fps',
      '  Stream #0:1(eng): Audio: aac (LC), 48000 Hz, stereo, fltp',
      '  Stream #0:2: Video: h264 (Main), yuv420p(progressive), 640x360, 25 fps (default)',
      '  Stream #0:3(deu): Audio: aac (LC), 48000 Hz, stereo, fltp (default) (forced)',
    ];
    expect(readInputMedia(printed.join('\n'))).toMatchObject({ video: { index: 2 }, audio: { index: 3 } });
  });

  it('takes the sound of the program that has the picture', () => {
    const printed = [
      '  Program 0 ',
      '  Stream #0:0: Video: h264 (Main), yuv420p(progressive), 640x360, 25 fps',
      '  Stream #0:1: Audio: aac (LC), 48000 Hz, stereo, fltp',
      '  Program 1 ',
      '  Stream #0:2: Video: h264 (Main), yuv420p(progressive), 1280x720, 25 fps',
      '  Stream #0:3: Audio: aac (LC), 48000 Hz, stereo, fltp',
    ];
    expect(readInputMedia(printed.join('\n'))).toMatchObject({ video: { index: 2 }, audio: { index: 3 } });
  });

  it('takes a track that comes before one that does not', () => {
    const printed = ['  Stream #0:0: Audio: aac (LC), 48000 Hz, stereo, fltp (default)', '  Stream #0:1: Audio: aac (LC), 48000 Hz, stereo, fltp'];
    expect(readInputMedia(printed.join('\n'), new Map([[0, { absent: true }]])).audio).toMatchObject({ index: 1 });
  });

  it('reads nothing of the output', () => {
    const printed = [H264, "Output #0, framecrc, to 'pipe:1':", '  Stream #0:0: Video: h264 (High), yuv420p, 640x360', '  Stream #0:1: Audio: aac (LC), 48000 Hz, stereo, fltp'];
    expect(readInputMedia(printed.join('\n')).audio).toBeUndefined();
  });

  it('knows xHE-AAC by the complaint of an ffmpeg that has no name for it', () => {
    const printed = [
      '[aac @ 0x557a126d4dc0] Audio object type 42 is not implemented. Update your FFmpeg version to the newest one from Git.',
      '  Stream #0:0[0x1](und): Audio: aac (mp4a / 0x6134706D), 48000 Hz, mono, fltp, 69 kb/s (default)',
    ];
    expect(readInputMedia(printed.join('\n')).audio).toMatchObject({ playable: false, profile: 'xHE-AAC' });
    expect(readInputMedia(printed[1]!).audio).toMatchObject({ playable: true });
  });

  it('takes a length of nothing, as ffmpeg tells it of live RTMP, for none', () => {
    expect(readInputMedia(`  Duration: 00:00:00.00, start: 0.021000, bitrate: N/A\n${H264}`)).toMatchObject({ finite: false });
    expect(readInputMedia(`  Duration: 00:00:00.04, start: 0.000000, bitrate: N/A\n${H264}`)).toMatchObject({ finite: true, duration: 0.04 });
  });

  it('finds nothing in an input without picture and sound', () => {
    expect(readInputMedia('  Duration: N/A\n  Stream #0:0: Subtitle: subrip')).toEqual({ finite: false, video: undefined, audio: undefined });
  });
});
