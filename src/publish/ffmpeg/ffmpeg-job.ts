import type { InputMedia, InputTrack } from './input-media';
import type { SourceInput } from './source-input';

/** What ffmpeg is to do: options, each word an element of its own, before and behind the input. */
export interface FfmpegJob {
  readonly input: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface JobOptions {
  readonly input: SourceInput;
  readonly media: InputMedia;
  readonly loop: boolean;
  /** Whether the input is read as fast as it plays: what isn't live has to be. */
  readonly realTime: boolean;
}

/**
 * One fragment per frame, complete as soon as the next frame of its track is there, behind a `moov` that is written
 * when the first fragment is (AAC from MPEG-TS tells its parameters no sooner), and without edit lists, which
 * Media Source Extensions read in different ways.
 *
 * It isn't `+frag_every_frame`, with which ffmpeg 5.1 misplaces the sound by a frame when there is video beside it.
 */
const FRAGMENTS = ['-movflags', '+delay_moov+default_base_moof', '-use_editlist', '0', '-frag_duration', '1', '-flush_packets', '1'];
/** When one track falls silent, the other waits for it this long at most (µs); 10 s is what ffmpeg does by itself. */
const INTERLEAVE = ['-max_interleave_delta', '500000'];
/** A keyframe a second, wherever the timestamps begin or jump to. */
const KEYFRAMES = ['-force_key_frames', 'expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+1))', '-g', '120'];
/** H.264 can't have 4:2:0 with odd sides. */
const EVEN_SIDES = ['-vf', 'scale=trunc(iw/2)*2:trunc(ih/2)*2'];

/** Makes ffmpeg write fragmented MP4 with H.264 and AAC to its output: copied where the input has just that, else encoded. */
export function ffmpegJob({ input, media, loop, realTime }: JobOptions): FfmpegJob {
  const { video, audio } = media;
  return {
    input: input.address,
    before: [
      ...['-hide_banner', '-nostdin', '-v', 'error'],
      ...(loop ? ['-stream_loop', '-1'] : []),
      ...(realTime ? ['-re'] : []),
      ...inputOptions(input),
    ],
    after: [
      ...(video ? ['-map', `0:${video.index}`, ...videoCodec(video)] : []),
      ...(audio ? ['-map', `0:${audio.index}`, ...audioCodec(audio, copiesSound(media, loop))] : []),
      ...['-map_metadata', '-1', '-map_chapters', '-1'],
      ...FRAGMENTS,
      ...INTERLEAVE,
      ...['-f', 'mp4'],
    ],
  };
}

/** RTSP over UDP loses packets, and doesn't pass most routers. */
export function inputOptions({ protocol }: SourceInput): readonly string[] {
  return protocol === 'rtsp' ? ['-rtsp_transport', 'tcp'] : [];
}

function videoCodec({ playable }: InputTrack): readonly string[] {
  if (playable) return ['-c:v', 'copy'];
  return ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', ...EVEN_SIDES, ...KEYFRAMES];
}

/**
 * Whether sound is passed on as it is. Sound that isn't MP4's needs a filter for that, which ffmpeg 5.1 ends with the first time
 * of a loop; and how long a loop of copied sound is, it knows only by the picture beside it.
 */
export function copiesSound({ video, audio }: InputMedia, loop: boolean): boolean {
  return audio?.playable === true && (!loop || (audio.inMp4 && video !== undefined));
}

function audioCodec({ inMp4 }: InputTrack, copied: boolean): readonly string[] {
  if (copied) return ['-c:a', 'copy', ...(inMp4 ? [] : ['-bsf:a', 'aac_adtstoasc'])];
  return ['-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-ac', '2', '-af', 'aresample=async=1000'];
}
