import { ffmpegJob, type JobOptions } from '../../../../src/publish/ffmpeg/ffmpeg-job';
import type { InputTrack } from '../../../../src/publish/ffmpeg/input-media';

const H264: InputTrack = { index: 0, codec: 'h264', playable: true, inMp4: true };
const AAC: InputTrack = { index: 1, codec: 'aac', playable: true, inMp4: true };
/** As MPEG-TS has it. */
const ADTS: InputTrack = { ...AAC, inMp4: false };
const VP8: InputTrack = { index: 2, codec: 'vp8', playable: false, inMp4: false };
const VORBIS: InputTrack = { index: 3, codec: 'vorbis', playable: false, inMp4: false };

/** The job as two lines, before and behind the input. */
function lines({ video, audio, ...options }: { video?: InputTrack; audio?: InputTrack } & Partial<JobOptions>): { before: string; after: string } {
  const input = { address: '/film.mp4', label: 'film.mp4', protocol: undefined };
  const { before, after } = ffmpegJob({ input, loop: false, realTime: true, ...options, media: { finite: true, video, audio } });
  return { before: before.join(' '), after: after.join(' ') };
}

describe('ffmpegJob', () => {
  it('copies what every browser plays', () => {
    const { after } = lines({ video: H264, audio: AAC });
    expect(after).toMatch(/^-map 0:0 -c:v copy -map 0:1 -c:a copy -map_metadata /);
    expect(after).toMatch(/ -f mp4$/);
  });

  it('encodes the rest, each track by itself', () => {
    expect(lines({ video: H264, audio: VORBIS }).after).toMatch(/^-map 0:0 -c:v copy -map 0:3 -c:a aac .*-ar 48000 -ac 2 /);
    expect(lines({ video: VP8, audio: AAC }).after).toMatch(/^-map 0:2 -c:v libx264 -preset veryfast -tune zerolatency .* -map 0:1 -c:a copy /);
  });

  it('makes AAC of MPEG-TS fit for MP4 where it copies it', () => {
    expect(lines({ video: H264, audio: ADTS }).after).toContain('-c:a copy -bsf:a aac_adtstoasc');
  });

  it('maps only the tracks that are there', () => {
    expect(lines({ video: H264 }).after).not.toContain('-c:a');
    expect(lines({ audio: AAC }).after).not.toContain('-c:v');
  });

  it('reads in real time what would else come at once', () => {
    expect(lines({ video: H264, realTime: true }).before).toBe('-hide_banner -nostdin -v error -re');
    expect(lines({ video: H264, realTime: false }).before).toBe('-hide_banner -nostdin -v error');
  });

  it('loops, and encodes sound that ffmpeg would lose after the first time', () => {
    expect(lines({ video: H264, audio: AAC, loop: true })).toMatchObject({
      before: expect.stringContaining('-stream_loop -1') as string,
      after: expect.stringContaining('-c:a copy') as string,
    });
    expect(lines({ audio: AAC, loop: true }).after).toContain('-c:a aac');
    expect(lines({ video: H264, audio: ADTS, loop: true }).after).toContain('-c:a aac');
    expect(lines({ audio: AAC, loop: false }).after).toContain('-c:a copy');
  });

  it('asks an RTSP camera for TCP', () => {
    const input = { address: 'rtsp://cam/1', label: 'rtsp://cam/1', protocol: 'rtsp' };
    expect(lines({ input, video: H264, realTime: false }).before).toContain('-rtsp_transport tcp');
  });

  it('has each word as an element of its own', () => {
    const { before, after } = ffmpegJob({
      input: { address: '/my film.mp4', label: '', protocol: undefined },
      media: { finite: true, video: VP8, audio: VORBIS },
      loop: true,
      realTime: true,
    });
    for (const word of [...before, ...after]) expect(word).not.toContain(' ');
  });
});
