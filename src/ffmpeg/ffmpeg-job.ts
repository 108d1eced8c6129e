import type { Readable } from 'node:stream';
import type { InputTrack } from './input-media';
import type { MediaPlan, PictureWishes } from './media-plan';
import { NETWORK_PROTOCOLS, type SourceInput } from './source-input';

/** What ffmpeg is to do: options, each word an element of its own, before and behind the input. */
export interface FfmpegJob {
  readonly input: string | Readable;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** How long it may run, ms. */
  readonly timeLimit?: number;
  /** Ends it at once. */
  readonly signal?: AbortSignal;
  /** Whether its input is whatever strangers have sent: it gives way to this process, and is given nothing of its environment. */
  readonly untrusted?: boolean;
}

export interface JobOptions {
  readonly input: SourceInput;
  readonly plan: MediaPlan;
  /** What the picture is made to be where it is encoded. */
  readonly picture?: PictureWishes;
  readonly loop: boolean;
  /** Whether ffmpeg reads the input as fast as it plays: what isn't live has to be, unless who takes the output sees to it. */
  readonly realTime: boolean;
  /** Whether the input is live: packets whose times are far off get the time that follows from the packets before. */
  readonly live?: boolean;
  /** Of the input, as ffmpeg calls it. */
  readonly format?: string | undefined;
  /** Where to begin, seconds. */
  readonly start?: number;
}

/**
 * One fragment per frame, complete as soon as the next frame of its track is there, behind a `moov` that is written
 * when the first fragment is (AAC from MPEG-TS tells its parameters no sooner), and without edit lists, which
 * Media Source Extensions read in different ways.
 * `frag_discont` writes the times as they are: without it each track begins at 0, though one may begin later than the other.
 *
 * It isn't `+frag_every_frame`, with which ffmpeg 5.1 misplaces the sound by a frame when there is video beside it.
 */
const FRAGMENTS = ['-movflags', '+delay_moov+default_base_moof+frag_discont', '-use_editlist', '0', '-frag_duration', '1', '-flush_packets', '1'];
/**
 * B-frames begin before 0, and ffmpeg would move the times when the first packet below 0 comes. If packets of the other track
 * have been written by then, its MP4 muxer aborts ("next_dts >= 0") or leaves a gap. So all times are above 0 from the start, by seconds.
 */
const TIMES = ['-output_ts_offset', '1', '-avoid_negative_ts', 'make_non_negative'];
/** When one track falls silent, the other waits for it this long at most (µs); 10 s is what ffmpeg does by itself. */
const INTERLEAVE = ['-max_interleave_delta', '500000'];
/** Up to ffmpeg 4.2, Opus in MP4 is an experiment. */
const OPUS_IN_MP4 = ['-strict', 'experimental'];
/**
 * How far the times of live packets may be off, seconds, before they are replaced. Without it, ffmpeg puts all packets after a jump
 * back a tick apart, until their times have caught up.
 */
const TIME_ERROR = ['-dts_error_threshold', '3'];
/** How long ffmpeg looks for the parameters of a track that doesn't come (µs); it takes 5 s by itself. */
export const SHORT_LOOK = ['-analyzeduration', '1000000'];
/** The same for a file, which is read fast, and where a track may begin late (µs, bytes). It ends once all parameters are known. */
const LONG_LOOK = ['-analyzeduration', '15000000', '-probesize', '50000000'];
/** The same for an encoder that has connected: it may have begun in the middle of a GOP. */
const FIRST_LOOK = ['-analyzeduration', '3000000'];
/** How long whoever has connected to an input that listens may send nothing (µs): nobody else gets in as long. */
const SILENCE_LIMIT = ['-rw_timeout', '10000000'];
/** Time between two keyframes, seconds. */
const GOP = 1;
/** Bits a second of VP9, which has no measure of quality that holds in real time. */
const VP9_RATE = 2_000_000;

/** Makes ffmpeg write fragmented MP4 to its output, with each track as it is planned. */
export function ffmpegJob({ input, plan, picture = {}, loop, realTime, live = false, format, start }: JobOptions): FfmpegJob {
  const { video, audio, absent, assumed = false } = plan;
  return {
    input: input.open?.() ?? input.address,
    before: [
      ...['-hide_banner', '-nostdin', ...verbosity({ plan, live, format })],
      ...(live ? TIME_ERROR : []),
      ...(absent !== undefined && !isKnown(absent) ? SHORT_LOOK : input.listens === true ? FIRST_LOOK : []),
      ...(loop ? ['-stream_loop', '-1'] : []),
      ...(realTime ? ['-re'] : []),
      ...(start === undefined ? [] : ['-ss', String(start)]),
      ...inputOptions(input),
    ],
    after: [
      ...(absent && input.open === undefined && (live || isKnown(absent)) ? watchFor(absent) : []),
      ...(video ? ['-map', assumed ? '0:v:0?' : `0:${video.track.index}`, ...videoCodec(video.as, picture)] : []),
      ...(audio ? ['-map', assumed ? '0:a:0?' : `0:${audio.track.index}`, ...audioCodec(audio.as, audio.track)] : []),
      ...['-map_metadata', '-1', '-map_chapters', '-1'],
      ...FRAGMENTS,
      ...TIMES,
      ...INTERLEAVE,
      ...['-f', 'mp4'],
    ],
  };
}

/** What ffmpeg prints: of an input that wasn't examined, what it has, too. */
function verbosity({ plan, live, format }: { plan: MediaPlan; live: boolean; format: string | undefined }): readonly string[] {
  if (plan.assumed === true) return ['-v', 'level+info', '-nostats'];
  if (!live) return ['-v', 'error'];
  return isDiscontinuous(format) && isCopied(plan) ? ['-v', 'level+debug', '-nostats'] : ['-v', 'level+warning'];
}

/** Formats whose times may jump, and which ffmpeg mends. Before 6.1 it says so only where it prints what is for debugging: little, unless it encodes. */
const DISCONTINUOUS: ReadonlySet<string> = new Set(['mpegts', 'hls', 'applehttp']);

function isDiscontinuous(format = ''): boolean {
  return format.split(',').some((name) => DISCONTINUOUS.has(name));
}

function isCopied({ video, audio, absent }: MediaPlan): boolean {
  return absent === undefined && [video, audio].every((track) => track === undefined || track.as === 'copy');
}

/** Whether ffmpeg knows enough of a track to copy it, which it may not before the first packet. */
export function isKnown({ codec, sampleRate, width }: InputTrack): boolean {
  return codec !== 'none' && (sampleRate !== undefined || width !== undefined);
}

/**
 * An output of its own, which prints the first packet of a track to standard error. To copy a track, ffmpeg has to know its parameters
 * at the start; to decode it, with the first packet.
 */
function watchFor(track: InputTrack): readonly string[] {
  const raw = track.channels === undefined && track.width !== undefined ? 'rawvideo' : 'pcm_s16le';
  return ['-map', `0:${track.index}`, '-c', isKnown(track) ? 'copy' : raw, '-frames', '1', '-f', 'framecrc', 'pipe:2'];
}

/**
 * What ffmpeg has to know of an input before it opens it. A playlist that an address gives may name other addresses, but never
 * files; one that comes by standard input may name nothing. For a file, what it may name is ffmpeg's own way.
 * RTSP over UDP loses packets, and doesn't pass most routers.
 */
export function inputOptions({ protocol, device, open, listens = false }: SourceInput): readonly string[] {
  if (device !== undefined) return device;
  if (open !== undefined) return ['-protocol_whitelist', 'pipe'];
  if (protocol === undefined) return LONG_LOOK;
  return [
    ...['-protocol_whitelist', NETWORK_PROTOCOLS],
    ...(protocol === 'rtsp' ? ['-rtsp_transport', 'tcp'] : []),
    ...(listens ? SILENCE_LIMIT : []),
    ...(listens && protocol === 'rtmp' ? ['-listen', '1'] : []),
  ];
}

function videoCodec(as: 'copy' | 'h264' | 'vp9', picture: PictureWishes): readonly string[] {
  switch (as) {
    case 'copy':
      return ['-c:v', 'copy'];
    case 'h264':
      return ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', ...rate(picture.bitrate), ...pictureOptions(picture)];
    case 'vp9':
      return ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1', ...rate(picture.bitrate ?? VP9_RATE), ...pictureOptions(picture)];
    default:
      return as satisfies never;
  }
}

/** Half a second of media is as much as the rate may run ahead. */
function rate(bitrate: number | undefined): readonly string[] {
  return bitrate === undefined ? [] : ['-b:v', String(bitrate), '-maxrate', String(bitrate), '-bufsize', String(Math.ceil(bitrate / 2))];
}

/** A keyframe every so often, wherever the timestamps begin or jump to. */
function pictureOptions({ fps, gop = GOP, size }: PictureWishes): readonly string[] {
  const keyframes = ['-force_key_frames', `expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+${gop}))`, '-g', String(Math.ceil(gop * 120))];
  return ['-pix_fmt', 'yuv420p', '-vf', scale(size), ...(fps === undefined ? [] : ['-r', String(fps)]), ...keyframes];
}

/** Fits the picture in, without distorting it. 4:2:0 can't have odd sides. */
function scale(size: PictureWishes['size']): string {
  if (size === undefined) return 'scale=trunc(iw/2)*2:trunc(ih/2)*2';
  const { width, height } = size;
  return `scale=trunc(min(${width}\\,${height}*iw/ih)/2)*2:trunc(min(${height}\\,${width}*ih/iw)/2)*2`;
}

function audioCodec(as: 'copy' | 'aac' | 'opus', { codec, inMp4 }: InputTrack): readonly string[] {
  const encode = ['-b:a', '128k', '-ar', '48000', '-ac', '2', '-af', 'aresample=async=1000'];
  switch (as) {
    case 'copy':
      return ['-c:a', 'copy', ...(codec === 'aac' && !inMp4 ? ['-bsf:a', 'aac_adtstoasc'] : []), ...(codec === 'opus' ? OPUS_IN_MP4 : [])];
    case 'aac':
      return ['-c:a', 'aac', ...encode];
    case 'opus':
      return ['-c:a', 'libopus', ...encode, ...OPUS_IN_MP4];
    default:
      return as satisfies never;
  }
}
