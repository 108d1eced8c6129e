import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buffer, text } from 'node:stream/consumers';
import { FFMPEG } from './ffmpeg';

/** Frames from one keyframe to the next. */
export const KEYFRAME_EVERY = 15;

const ENCODE = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', `${KEYFRAME_EVERY}`, '-bf', '0'];
/** A moving picture and a tone. */
const AV = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=15', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
const FRAGMENTS = ['-movflags', '+frag_every_frame+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1'];

/** A fragmented MP4 in its parts. */
export interface SampleMedia {
  readonly init: Buffer;
  /** `moof`+`mdat` each, one per frame. */
  readonly fragments: readonly Buffer[];
}

let sample: Promise<SampleMedia> | undefined;
let heavy: Promise<SampleMedia> | undefined;

/** Four seconds of picture and sound, a keyframe a second. */
export function sampleMedia(): Promise<SampleMedia> {
  return (sample ??= encode([...AV, '-t', '4', ...ENCODE, '-c:a', 'aac', ...FRAGMENTS]));
}

/** Four seconds of picture with B-frames, and sound, a GOP in each fragment. */
export function reorderedGops(): Promise<SampleMedia> {
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', `${KEYFRAME_EVERY}`, '-bf', '2', '-c:a', 'aac'];
  return encode([...AV, '-t', '4', ...encoder, '-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-f', 'mp4', 'pipe:1']);
}

/** The same in WebM, as a file, of VP8 and Opus. Its times begin at 261 s. */
export async function lateWebm(): Promise<Buffer> {
  const encoder = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-g', `${KEYFRAME_EVERY}`, '-c:a', 'libopus', '-strict', 'experimental'];
  return (await run(FFMPEG, [...AV, '-t', '4', ...encoder, '-output_ts_offset', '261', '-live', '1', '-f', 'webm', 'pipe:1'])).out;
}

/** Two seconds whose codec strings are those of `sampleMedia`, and whose picture has another size. */
export function smallerMedia(): Promise<SampleMedia> {
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=size=256x144:rate=15', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  return encode([...inputs, '-t', '2', ...ENCODE, '-level', '1.2', '-c:a', 'aac', ...FRAGMENTS]);
}

/** The same whose pictures aren't decoded in the order in which they are shown: one, and then always three that belong together. */
export function reorderedMedia(): Promise<SampleMedia> {
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=15', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  return encode([...inputs, '-t', '4', ...ENCODE, '-bf', '2', '-c:a', 'aac', ...FRAGMENTS]);
}

/** The same with Opus. */
export function opusMedia(): Promise<SampleMedia> {
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30', '-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
  return encode([...inputs, '-t', '4', ...ENCODE, '-c:a', 'libopus', '-strict', 'experimental', ...FRAGMENTS]);
}

/** About 50 MB of picture, two keyframes a second: far more than a connection holds on its way. */
export function heavyMedia(): Promise<SampleMedia> {
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=30,noise=alls=100:allf=t'];
  return (heavy ??= encode([...input, '-t', '1', ...ENCODE, '-qp', '8', ...FRAGMENTS]));
}

/** What ffmpeg complains of when it decodes `media`: nothing, if all is well. */
export async function decodeErrors(media: Uint8Array): Promise<string> {
  return (await run(FFMPEG, ['-xerror', '-i', 'pipe:0', '-f', 'null', '-'], media)).errors;
}

/** A hash of each picture of `media`, in the order in which they are shown. */
export async function pictureHashes(media: Uint8Array): Promise<string[]> {
  const { out } = await run(FFMPEG, ['-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'], media);
  return out.toString().split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** The loudest sample of `media`, dB. */
export async function loudness(media: Uint8Array): Promise<number> {
  const child = spawn(FFMPEG, ['-hide_banner', '-i', 'pipe:0', '-map', '0:a', '-af', 'volumedetect', '-f', 'null', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(media);
  return Number(/max_volume: (\S+) dB/.exec(await text(child.stderr))?.[1]);
}

/** The packets of `media` in order: which kind, and whether a decoder can start there. For tests that say that they need ffprobe. */
export async function packets(media: Uint8Array): Promise<{ kind: string; keyframe: boolean }[]> {
  const { out } = await run('ffprobe', ['-show_entries', 'packet=codec_type,flags', '-of', 'csv=p=0', '-i', 'pipe:0'], media);
  const lines = out.toString().split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [kind = '', flags = ''] = line.split(',');
    return { kind, keyframe: flags.includes('K') };
  });
}

/** A packet as ffprobe reads it, seconds. */
export interface TimedPacket {
  readonly kind: string;
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
}

/** The packets of `media` in order, with their times. For tests that say that they need ffprobe. */
export async function timedPackets(media: Uint8Array): Promise<TimedPacket[]> {
  const { out } = await run('ffprobe', ['-show_entries', 'packet=codec_type,pts_time,dts_time,duration_time', '-of', 'json', '-i', 'pipe:0'], media);
  const { packets: all } = JSON.parse(out.toString()) as { packets: { codec_type: string; pts_time: string; dts_time?: string; duration_time?: string }[] };
  return all.map((packet) => ({ kind: packet.codec_type, pts: Number(packet.pts_time), dts: Number(packet.dts_time ?? packet.pts_time), duration: Number(packet.duration_time ?? 0) }));
}

/** What ffprobe says of a stream: only what is compared. */
export interface ProbedStream {
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  /** A fraction; that of the lowest rate at which all times are exact. */
  readonly r_frame_rate: string;
  readonly channels?: number;
  readonly sample_rate?: string;
}

/** The streams of `media` in order. For tests that say that they need ffprobe. */
export async function streams(media: Uint8Array): Promise<ProbedStream[]> {
  const { out } = await run('ffprobe', ['-show_entries', 'stream=codec_name,width,height,r_frame_rate,channels,sample_rate', '-of', 'json', '-i', 'pipe:0'], media);
  return (JSON.parse(out.toString()) as { streams: ProbedStream[] }).streams;
}

async function encode(args: string[]): Promise<SampleMedia> {
  const { out, errors } = await run(FFMPEG, args);
  if (errors !== '') throw new Error(errors);
  return split(out);
}

async function run(program: string, args: string[], input?: Uint8Array): Promise<{ out: Buffer; errors: string }> {
  const child = spawn(program, ['-hide_banner', '-v', 'error', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that has seen enough closes its input: that is no error.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const closed = once(child, 'close');
  const [out, errors] = await Promise.all([buffer(child.stdout), text(child.stderr)]);
  await closed;
  return { out, errors };
}

/** Cuts an MP4 before every `moof`, and leaves out what ffmpeg puts at the end. */
function split(file: Buffer): SampleMedia {
  const starts: number[] = [];
  let end = file.length;
  for (let offset = 0; offset < file.length; offset += file.readUInt32BE(offset)) {
    const type = file.toString('latin1', offset + 4, offset + 8);
    if (type === 'moof') starts.push(offset);
    if (type === 'mfra') end = offset;
  }
  return { init: file.subarray(0, starts[0]), fragments: starts.map((start, index) => file.subarray(start, starts[index + 1] ?? end)) };
}
