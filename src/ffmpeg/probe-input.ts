import { guardedClock } from '../base/guard';
import { LONGEST_GOP } from '../media/keyframe-watch';
import { inputOptions, isKnown, SHORT_LOOK } from './ffmpeg-job';
import { FfmpegError, type FfmpegExit, type FfmpegRunner } from './ffmpeg-runner';
import { describedMedia } from './input-description';
import { type InputMedia, readInputMedia } from './input-media';
import { withoutKeyframes } from './media-plan';
import { PacketLook, type PacketLookLimits } from './packet-look';
import type { SourceInput } from './source-input';

/** How long an input may take to tell what it has, ms. */
const PROBE_LIMIT = 20_000;
/** More than this of text, in bytes, isn't read. */
const TEXT_LIMIT = 4 << 20;
const KEPT_LINES = 5;
/** How long a live input may let one track wait once another has come, ms. */
const LIVE_WAIT = 1_000;
/** A file is read fast, and its tracks need not begin together. */
const FILE_LOOK: PacketLookLimits = { packets: 30, media: 10 };
/** Standard input may be live. */
const STDIN_LOOK: PacketLookLimits = { packets: 1, media: 3 };
const LIVE_LOOK: PacketLookLimits = { packets: 1, media: Infinity };
const TRACKS = ['-map', '0:v?', '-map', '0:a?'];
/** Two keyframes show that viewers can join. */
const KEYFRAME_LOOK: PacketLookLimits = { packets: 2, media: Infinity };
/** Lets through the packets with IDR slices of H.264 (NAL units of type 5), as far as keyframes may be apart. */
const KEYFRAMES = ['-bsf:v', 'filter_units=pass_types=5', '-t', String(LONGEST_GOP)];

/** What runs ffmpeg. */
type Runner = Pick<FfmpegRunner, 'run'>;

export interface ProbeOptions {
  readonly input: SourceInput;
  readonly signal: AbortSignal;
  /** How long the input may take to tell what it has, ms. */
  readonly limit?: number;
}

interface Look {
  readonly printed: string;
  readonly packets: PacketLook;
}

interface LookOptions extends ProbeOptions {
  readonly before?: readonly string[];
  readonly map?: readonly string[];
  /** Options of the output. */
  readonly after?: readonly string[];
  readonly limits?: PacketLookLimits;
}

/**
 * Lets `ffmpeg` open an input, reads what it prints, and looks which tracks come.
 * @throws FfmpegError if it can't, takes too long, or `signal` says to stop; the process is gone then.
 */
export async function probeInput(runner: Runner, options: ProbeOptions): Promise<InputMedia> {
  const media = await examineInput(runner, options);
  return (await lacksKeyframes(runner, options, media)) ? withoutKeyframes(media) : media;
}

/** Whether the H.264 of a file has no keyframe for too long at its beginning. What is live shows that as it comes. */
async function lacksKeyframes(runner: Runner, options: ProbeOptions, { video, duration = 0 }: InputMedia): Promise<boolean> {
  const { input } = options;
  if (isLiveLike(input) || input.open !== undefined || video?.codec !== 'h264' || duration <= LONGEST_GOP) return false;
  const { packets, printed } = await lookAt(runner, { ...options, map: ['-map', `0:${video.index}`], after: KEYFRAMES, limits: KEYFRAME_LOOK });
  // An old ffmpeg doesn't have the filter, and begins with no output.
  return packets.findings(printed).size > 0 && packets.packets < KEYFRAME_LOOK.packets;
}

async function examineInput(runner: Runner, options: ProbeOptions): Promise<InputMedia> {
  const { input } = options;
  const isLive = isLiveLike(input);
  const look = await lookAt(runner, { ...options, before: isLive ? SHORT_LOOK : [] });
  const media = readInputMedia(look.printed, look.packets.findings(look.printed));
  const { video, audio } = media;
  if (look.packets.hasBegun || input.open !== undefined || (video === undefined && audio === undefined && !isLive)) return media;
  // ffmpeg copies no track whose parameters it doesn't know. A picture may need the next keyframe.
  if (isLive && (video === undefined ? audio === undefined : !isKnown(video))) return describedMedia((await lookAt(runner, options)).printed);
  if (isLive) return describedMedia(look.printed);
  const known = [video, audio].filter((track) => track !== undefined && isKnown(track));
  if (known.length === 0) return media;
  const again = await lookAt(runner, { ...options, map: known.flatMap((track) => ['-map', `0:${track?.index ?? 0}`]) });
  return describedMedia(look.printed, again.packets.findings(again.printed));
}

/** Whether it may be live: how long it takes to give a track isn't how fast it is read. */
function isLiveLike({ protocol, device }: SourceInput): boolean {
  return protocol !== undefined || device !== undefined;
}

function limitsOf(input: SourceInput): PacketLookLimits {
  return input.open !== undefined ? STDIN_LOOK : isLiveLike(input) ? LIVE_LOOK : FILE_LOOK;
}

async function lookAt(runner: Runner, { input, signal, limit = PROBE_LIMIT, before = [], map = TRACKS, after = [], limits = limitsOf(input) }: LookOptions): Promise<Look> {
  const packets = new PacketLook(limits);
  const stdin = input.open?.();
  let printed = '';
  let cancelWait: (() => void) | undefined;
  const job = {
    input: stdin ?? input.address,
    before: ['-hide_banner', '-nostdin', '-nostats', ...before, ...inputOptions(input)],
    after: [...map, '-c', 'copy', ...after, '-max_interleave_delta', '1', '-flush_packets', '1', '-f', 'framecrc'],
    timeLimit: limit,
    signal,
  };
  // It is asked to leave before it is killed: some cameras let nobody in while they think that it is there.
  const running = runner.run(job, (bytes) => {
    packets.push(Buffer.from(bytes).toString('latin1'));
    if (packets.isEnough) running.stop();
    else if (packets.hasBegun && isLiveLike(input)) cancelWait ??= guardedClock.after(LIVE_WAIT, () => running.stop());
  }, (line) => {
    if (printed.length < TEXT_LIMIT) printed += `${line}\n`;
  });
  const exit = await running.ended;
  cancelWait?.();
  stdin?.destroy();
  if (exit.failure === undefined && !signal.aborted && /^Input #0/m.test(printed)) return { printed, packets };
  throw explain(exit, { printed, late: exit.late === true || signal.aborted, limit });
}

function explain({ failure }: FfmpegExit, { printed, late, limit }: { printed: string; late: boolean; limit: number }): FfmpegError {
  if (failure !== undefined) return new FfmpegError('ffmpeg could not be run', [failure.message], { cause: failure });
  const lines = printed.trimEnd().split('\n').slice(-KEPT_LINES);
  return new FfmpegError(late ? `The input told nothing of itself for ${limit / 1000} s` : 'ffmpeg could not read the input', lines);
}
