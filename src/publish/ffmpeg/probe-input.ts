import { type ChildProcess, execFile, type ExecFileException } from 'node:child_process';
import { guard, on, once } from '../../core/guard';
import { inputOptions } from './ffmpeg-job';
import { FfmpegError } from './ffmpeg-runner';
import { killAtExit } from './kill-at-exit';
import { type InputMedia, readInputMedia } from './input-media';
import type { SourceInput } from './source-input';

/** How long an input may take to tell what it has, ms. */
const PROBE_LIMIT = 20_000;
/** More than this of text, in bytes, isn't read. */
const TEXT_LIMIT = 4 << 20;
const KEPT_LINES = 5;

export interface ProbeOptions {
  readonly input: SourceInput;
  readonly signal: AbortSignal;
  /** How long the input may take to tell what it has, ms. */
  readonly limit?: number;
}

/**
 * Lets `ffmpeg` open an input, and reads what it prints.
 * @throws FfmpegError if it can't, takes too long, or `signal` says to stop; the process is gone then.
 */
export function probeInput(ffmpeg: string, { input, signal, limit = PROBE_LIMIT }: ProbeOptions): Promise<InputMedia> {
  // Of all formats, metadata alone can be written without asking for a track of any kind.
  const args = ['-hide_banner', '-nostdin', '-nostats', ...inputOptions(input), '-i', input.address, '-f', 'ffmetadata', 'pipe:1'];
  return new Promise((resolve, reject) => {
    const child = execFile(ffmpeg, args, { timeout: limit, killSignal: 'SIGKILL', maxBuffer: TEXT_LIMIT, signal }, (error, _metadata, printed) => {
      stdin?.destroy();
      // `signal` has only asked it to end.
      child.kill('SIGKILL');
      whenGone(child, () => {
        if (error !== null) reject(explain(error, { printed, child, limit }));
        else guard('what ffmpeg printed', () => resolve(readInputMedia(printed)), reject);
      });
    });
    killAtExit(child);
    const stdin = input.open?.();
    // ffmpeg needn't read all of it.
    if (child.stdin) on(child.stdin, 'error', () => undefined);
    if (stdin !== undefined && child.stdin) stdin.pipe(child.stdin);
  });
}

/** Calls `run` once the process is gone, or if it never was there. */
function whenGone(child: ChildProcess, run: () => void): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) run();
  else once(child, 'exit', run);
}

function explain(error: ExecFileException, { printed, child, limit }: { printed: string; child: ChildProcess; limit: number }): FfmpegError {
  const lines = printed.trimEnd().split('\n').slice(-KEPT_LINES);
  const message = child.pid === undefined ? 'ffmpeg could not be run' : error.killed ? `The input told nothing of itself for ${limit / 1000} s` : 'ffmpeg could not read the input';
  return new FfmpegError(message, child.pid === undefined ? [error.message] : lines, { cause: error });
}
