import { FfmpegError, type FfmpegRunner, shownLine } from '../ffmpeg/ffmpeg-runner';
import type { InputMedia } from '../ffmpeg/input-media';
import { type MediaPlan, type MediaWishes, planMedia } from '../ffmpeg/media-plan';
import { isRegularFile } from '../ffmpeg/source-input';
import { isProtected } from './file-protection';
import { PushError } from './push-error';
import type { PushInput } from './push-input';

/** Lists of other files and addresses, by ffmpeg's names: a file that somebody sent must not make others public. */
const PLAYLISTS: ReadonlySet<string> = new Set(['hls', 'dash', 'concat', 'sdp', 'imf', 'webm_dash_manifest', 'image2']);

/** What is known of an input, and what becomes of it. */
export interface Examined {
  readonly media: InputMedia;
  readonly plan: MediaPlan;
  /** Whether it can't wait: what is late is dropped. */
  readonly live: boolean;
  /** Whether it has to be seen to that it is sent no faster than it plays: devices and cameras give nothing sooner, but servers of playlists do. */
  readonly paced: boolean;
}

interface ExamineOptions {
  readonly input: PushInput;
  readonly runner: FfmpegRunner;
  readonly wishes: MediaWishes;
  /** Whether it is live, if its user says so. */
  readonly live?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Looks what an input has, and decides what becomes of it. `sluice push` and `sluice probe` share it.
 * @throws PushError `input` if it can't be published.
 */
export async function examine({ input, runner, wishes, live, signal }: ExamineOptions): Promise<Examined> {
  if (input.kind === 'file' && isRegularFile(input) && isLocked(input)) {
    throw cannot(input, 'it is protected (DRM): its tracks are encrypted, and only its own player can open them');
  }
  const media = await look(input, runner, signal);
  if (input.kind !== 'address' && input.kind !== 'device' && isPlaylist(media)) {
    throw cannot(input, `it is a list of other files (${media.format ?? ''}), and they are not read; name the media itself`);
  }
  if (!media.video && !media.audio) throw cannot(input, 'it has neither picture nor sound');
  const plan = planMedia(media, wishes);
  if (!plan.video && !plan.audio) throw new PushError('usage', `Cannot publish "${input.label}": nothing is left of it; leave out --video none or --audio none`);
  const isLive = live ?? (input.kind === 'device' || (input.kind === 'address' && !media.finite));
  const atOnce = !isLive || input.kind === 'file' || input.kind === 'stdin' || (input.protocol?.startsWith('http') ?? false);
  return { media, plan, live: isLive, paced: atOnce };
}

/** What ffmpeg printed of an input, fit to be shown. */
export function ffmpegWords(lines: readonly string[], input: PushInput): string {
  const last = lines.map((line) => shownLine(line.trim(), input)).filter((line) => line !== '').slice(-2);
  return last.length === 0 ? 'ffmpeg says nothing of why' : `ffmpeg says: ${last.join(' / ')}`;
}

/** Older versions of ffmpeg know HLS by two names. */
function isPlaylist({ format = '' }: InputMedia): boolean {
  return format.split(',').some((name) => PLAYLISTS.has(name));
}

function isLocked(input: PushInput): boolean {
  try {
    return isProtected(input.address);
  } catch (cause) {
    throw cannot(input, (cause as NodeJS.ErrnoException).code === 'EACCES' ? 'this user may not read it' : (cause as Error).message, cause);
  }
}

async function look(input: PushInput, runner: FfmpegRunner, signal: AbortSignal): Promise<InputMedia> {
  try {
    return await runner.probe(input, signal);
  } catch (error) {
    if (!(error instanceof FfmpegError)) throw error;
    throw cannot(input, `${error.message}; ${ffmpegWords(error.lines, input)}`, error);
  }
}

function cannot({ label }: PushInput, why: string, cause?: unknown): PushError {
  return new PushError('input', `Cannot read "${label}": ${why}`, { cause });
}
