import { spawn } from 'node:child_process';
import { guardedClock, on, once } from '../base/guard';
import { LONGEST_GOP } from '../media/keyframe-watch';
import { inputOptions, isKnown, SHORT_LOOK } from './ffmpeg-job';
import { FfmpegError } from './ffmpeg-runner';
import { describedMedia } from './input-description';
import { type InputMedia, readInputMedia } from './input-media';
import { killAtExit } from './kill-at-exit';
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
/** How long ffmpeg may take to take its leave of a camera, ms: some let nobody in while they think that it is there. */
const LEAVE_TIME = 700;
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
export async function probeInput(ffmpeg: string, options: ProbeOptions): Promise<InputMedia> {
  const media = await examineInput(ffmpeg, options);
  return (await lacksKeyframes(ffmpeg, options, media)) ? withoutKeyframes(media) : media;
}

/** Whether the H.264 of a file has no keyframe for too long at its beginning. What is live shows that as it comes. */
async function lacksKeyframes(ffmpeg: string, options: ProbeOptions, { video, duration = 0 }: InputMedia): Promise<boolean> {
  const { input } = options;
  if (isLiveLike(input) || input.open !== undefined || video?.codec !== 'h264' || duration <= LONGEST_GOP) return false;
  const { packets, printed } = await lookAt(ffmpeg, { ...options, map: ['-map', `0:${video.index}`], after: KEYFRAMES, limits: KEYFRAME_LOOK });
  // An old ffmpeg doesn't have the filter, and begins with no output.
  return packets.findings(printed).size > 0 && packets.packets < KEYFRAME_LOOK.packets;
}

async function examineInput(ffmpeg: string, options: ProbeOptions): Promise<InputMedia> {
  const { input } = options;
  const isLive = isLiveLike(input);
  const look = await lookAt(ffmpeg, { ...options, before: isLive ? SHORT_LOOK : [] });
  const media = readInputMedia(look.printed, look.packets.findings(look.printed));
  const { video, audio } = media;
  if (look.packets.hasBegun || input.open !== undefined || (video === undefined && audio === undefined && !isLive)) return media;
  // ffmpeg copies no track whose parameters it doesn't know. A picture may need the next keyframe.
  if (isLive && (video === undefined ? audio === undefined : !isKnown(video))) return describedMedia((await lookAt(ffmpeg, options)).printed);
  if (isLive) return describedMedia(look.printed);
  const known = [video, audio].filter((track) => track !== undefined && isKnown(track));
  if (known.length === 0) return media;
  const again = await lookAt(ffmpeg, { ...options, map: known.flatMap((track) => ['-map', `0:${track?.index ?? 0}`]) });
  return describedMedia(look.printed, again.packets.findings(again.printed));
}

/** Whether it may be live: how long it takes to give a track isn't how fast it is read. */
function isLiveLike({ protocol, device }: SourceInput): boolean {
  return protocol !== undefined || device !== undefined;
}

function limitsOf(input: SourceInput): PacketLookLimits {
  return input.open !== undefined ? STDIN_LOOK : isLiveLike(input) ? LIVE_LOOK : FILE_LOOK;
}

function lookAt(ffmpeg: string, { input, signal, limit = PROBE_LIMIT, before = [], map = TRACKS, after = [], limits = limitsOf(input) }: LookOptions): Promise<Look> {
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', ...before, ...inputOptions(input), '-i', input.address],
    ...[...map, '-c', 'copy', ...after, '-max_interleave_delta', '1', '-flush_packets', '1', '-f', 'framecrc', 'pipe:1'],
  ];
  const packets = new PacketLook(limits);
  return new Promise((resolve, reject) => {
    const child = spawn(ffmpeg, args, { stdio: [input.open === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
    killAtExit(child);
    let printed = '';
    let late = false;
    let cancelWait: (() => void) | undefined;
    let cancelKill: (() => void) | undefined;
    const kill = (): void => void child.kill('SIGKILL');
    const leave = (): void => {
      if (cancelKill !== undefined) return;
      child.kill('SIGTERM');
      cancelKill = guardedClock.after(LEAVE_TIME, kill);
    };
    const cancelLimit = guardedClock.after(limit, () => {
      late = true;
      kill();
    });
    const stdin = input.open?.();
    // ffmpeg needn't read all of it.
    if (child.stdin) on(child.stdin, 'error', () => undefined);
    if (stdin !== undefined && child.stdin) stdin.pipe(child.stdin);
    child.stdout?.setEncoding('utf8');
    if (child.stdout) on(child.stdout, 'data', (text: string) => {
      packets.push(text);
      if (packets.isEnough) leave();
      else if (packets.hasBegun && isLiveLike(input)) cancelWait ??= guardedClock.after(LIVE_WAIT, leave);
    });
    child.stderr?.setEncoding('utf8');
    if (child.stderr) on(child.stderr, 'data', (text: string) => {
      if (printed.length < TEXT_LIMIT) printed += text;
    });
    const end = (failure?: Error): void => {
      cancelLimit();
      cancelWait?.();
      cancelKill?.();
      stdin?.destroy();
      if (failure === undefined && !signal.aborted && /^Input #0/m.test(printed)) resolve({ printed, packets });
      else reject(explain({ printed, failure, late: late || signal.aborted, limit }));
    };
    on(child, 'error', (error: Error) => {
      // Else it was told to stop, and its `close` follows.
      if (child.pid === undefined) end(error);
    });
    once(child, 'close', () => end());
  });
}

function explain({ printed, failure, late, limit }: { printed: string; failure: Error | undefined; late: boolean; limit: number }): FfmpegError {
  if (failure !== undefined) return new FfmpegError('ffmpeg could not be run', [failure.message], { cause: failure });
  const lines = printed.trimEnd().split('\n').slice(-KEPT_LINES);
  return new FfmpegError(late ? `The input told nothing of itself for ${limit / 1000} s` : 'ffmpeg could not read the input', lines);
}
