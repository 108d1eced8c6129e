import { ffmpegJob, type JobOptions } from '../../../src/ffmpeg/ffmpeg-job';
import type { InputTrack } from '../../../src/ffmpeg/input-media';
import { readInput } from '../../../src/ffmpeg/source-input';
import { type MediaWishes, planMedia, planUsualMedia } from '../../../src/ffmpeg/media-plan';

const H264: InputTrack = { index: 0, codec: 'h264', playable: true, inMp4: true };
const AAC: InputTrack = { index: 1, codec: 'aac', playable: true, inMp4: true };
/** As MPEG-TS has it. */
const ADTS: InputTrack = { ...AAC, inMp4: false };
const VP8: InputTrack = { index: 2, codec: 'vp8', playable: false, inMp4: false };
const VORBIS: InputTrack = { index: 3, codec: 'vorbis', playable: false, inMp4: false };

/** The job as two lines, before and behind the input. */
function lines({ video, audio, wishes, ...options }: { video?: InputTrack; audio?: InputTrack; wishes?: Partial<MediaWishes> } & Partial<JobOptions>): { before: string; after: string } {
  const { input = { address: '/film.mp4', label: 'film.mp4', protocol: undefined }, loop = false, realTime = true } = options;
  const plan = planMedia({ finite: true, video, audio }, { loop, ...wishes });
  const { before, after } = ffmpegJob({ ...options, input, loop, realTime, plan, ...(wishes?.picture && { picture: wishes.picture }) });
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

  it('waits for an encoder where the input listens, but not for one that is silent, and prints what it sends', () => {
    const input = readInput('cam', 'rtmp://0.0.0.0:1935/live/cam?listen=1');
    const { before, after } = ffmpegJob({ input, loop: false, realTime: false, live: true, plan: planUsualMedia({ loop: false }) });
    expect(before.join(' ')).toMatch(/-v level\+info -nostats .*-analyzeduration 3000000 .*-rw_timeout 10000000 -listen 1$/);
    expect(after.join(' ')).toMatch(/^-map 0:v:0\? -c:v copy -map 0:a:0\? -c:a copy -bsf:a aac_adtstoasc /);
  });

  it('maps only the tracks that are there', () => {
    expect(lines({ video: H264 }).after).not.toContain('-c:a');
    expect(lines({ audio: AAC }).after).not.toContain('-c:v');
  });

  it('reads in real time what would else come at once', () => {
    expect(lines({ video: H264, realTime: true }).before).toMatch(/^-hide_banner -nostdin -v error -re /);
    expect(lines({ video: H264, realTime: false }).before).not.toContain('-re');
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

  it('lets a playlist that an address gives name addresses, but no files', () => {
    const input = { address: 'http://cam/1.m3u8', label: 'http://cam/1.m3u8', protocol: 'http' };
    const [, allowed = ''] = /-protocol_whitelist (\S+)/.exec(lines({ input, video: H264 }).before) ?? [];
    expect(allowed.split(',')).toEqual(expect.arrayContaining(['http', 'https', 'tls', 'tcp', 'rtp', 'crypto']));
    for (const protocol of ['file', 'pipe', 'concat', 'subfile', 'fd', 'unix', 'async', 'cache']) expect(allowed.split(',')).not.toContain(protocol);
  });

  it('makes the picture as it is wished', () => {
    const { after } = lines({ video: H264, wishes: { picture: { bitrate: 800_000, size: { width: 640, height: 360 }, fps: 25, gop: 2 } } });
    expect(after).toContain('-c:v libx264 -preset veryfast -tune zerolatency -b:v 800000 -maxrate 800000 -bufsize 400000');
    expect(after).toContain('-vf scale=trunc(min(640\\,360*iw/ih)/2)*2:trunc(min(360\\,640*ih/iw)/2)*2 -r 25');
    expect(after).toContain('gte(t,prev_forced_t+2)) -g 240');
  });

  it('encodes VP9 and Opus where that is wished', () => {
    const { after } = lines({ video: H264, audio: AAC, wishes: { video: 'vp9', audio: 'opus' } });
    expect(after).toContain('-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -b:v 2000000');
    expect(after).toContain('-c:a libopus -b:a 128k');
  });

  it('begins where it should', () => {
    expect(lines({ video: H264, realTime: false, start: 90.5 }).before).toMatch(/^-hide_banner -nostdin -v error -ss 90.5 /);
  });

  it('replaces the times of live packets that are far off, and no others', () => {
    expect(lines({ video: H264, live: true }).before).toContain('-v level+warning -dts_error_threshold 3');
    expect(lines({ video: H264 }).before).not.toContain('-dts_error_threshold');
  });

  it.each([
    ['live MPEG-TS that is copied', 'mpegts', true, H264, 'level+debug'],
    ['live HLS that is copied', 'hls,applehttp', true, H264, 'level+debug'],
    ['what is encoded, of which each frame would be printed', 'mpegts', true, VP8, 'level+warning'],
    ['other formats', 'flv', true, H264, 'level+warning'],
    ['files', 'mpegts', false, H264, 'error'],
  ])('says %s jump where older versions of ffmpeg would not', (_, format, live, video, level) => {
    expect(lines({ video, audio: ADTS, live, format }).before).toContain(` -v ${level} `);
  });

  it('prints the first packet of an absent track, which it decodes where its parameters are unknown', () => {
    const input = { address: 'http://cam/1.ts', label: '', protocol: 'http' };
    const unknown = lines({ input, video: H264, audio: { ...ADTS, absent: true }, live: true });
    expect(unknown.after).toMatch(/^-map 0:1 -c pcm_s16le -frames 1 -f framecrc pipe:2 -map 0:0 -c:v copy -map_metadata /);
    expect(unknown.before).toContain('-analyzeduration 1000000');
    const known = lines({ input, video: H264, audio: { ...ADTS, absent: true, sampleRate: 8_000, channels: 'mono' }, live: true });
    expect(known.after).toMatch(/^-map 0:1 -c copy -frames 1 -f framecrc pipe:2 /);
    expect(known.before).not.toContain('-analyzeduration');
  });

  it('has each word as an element of its own', () => {
    const { before, after } = ffmpegJob({
      input: { address: '/my film.mp4', label: '', protocol: undefined },
      plan: planMedia({ finite: true, video: VP8, audio: VORBIS }, { loop: true }),
      loop: true,
      realTime: true,
    });
    for (const word of [...before, ...after]) expect(word).not.toContain(' ');
  });
});
