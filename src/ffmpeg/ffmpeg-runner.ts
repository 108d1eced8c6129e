import { redactLine } from '../base/redact';
import type { FfmpegJob } from './ffmpeg-job';
import type { InputMedia } from './input-media';
import type { SourceInput } from './source-input';

/** What of a line is shown, characters. */
const SHOWN = 300;

/** How an ffmpeg has ended. */
export interface FfmpegExit {
  /** Whether it has done all that it should, by itself. */
  readonly clean: boolean;
  /** The last that it printed, as it printed it. */
  readonly lines: readonly string[];
  /** Why it could not be run at all. */
  readonly failure?: Error;
  /** Whether it was killed because it took too long. */
  readonly late?: boolean;
}

/** An ffmpeg that runs. */
export interface FfmpegProcess {
  /** Resolves when the process is gone and all its output was taken. Never rejects. */
  readonly ended: Promise<FfmpegExit>;
  /** Makes it end: within a second, or at once without asking it. May be called again. */
  stop(how?: 'at-once'): void;
}

/** Runs ffmpeg. Tests have one of their own. */
export interface FfmpegRunner {
  /**
   * Finds out what an input has.
   * @throws FfmpegError if ffmpeg can't read it, or when `signal` says to stop; the process is gone then.
   */
  probe(input: SourceInput, signal: AbortSignal): Promise<InputMedia>;
  /**
   * Starts a job, whose output goes to `take` as it comes: the next when what it gave is settled, so that ffmpeg can be made to wait.
   * Each line that it prints goes to `printed`.
   */
  run(job: FfmpegJob, take: (bytes: Uint8Array) => void | Promise<void>, printed?: (line: string) => void): FfmpegProcess;
}

/** ffmpeg couldn't do its work. */
export class FfmpegError extends Error {
  /** The last that it printed. */
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[], options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'FfmpegError';
    this.lines = lines;
  }
}

/** A line that ffmpeg printed of an input, fit to be shown: without passwords and keys, and not too long. */
export function shownLine(line: string, input: Pick<SourceInput, 'address' | 'protocol'>): string {
  return redactLine(line, input).slice(0, SHOWN);
}
