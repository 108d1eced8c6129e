import createCommand, { type FfmpegCommand } from 'fluent-ffmpeg';
import type { ChildProcess } from 'node:child_process';
import { Writable } from 'node:stream';
import { guard, guardedClock, on, once } from '../base/guard';
import type { FfmpegJob } from './ffmpeg-job';
import type { FfmpegExit, FfmpegProcess, FfmpegRunner } from './ffmpeg-runner';
import type { InputMedia } from './input-media';
import { killAtExit } from './kill-at-exit';
import { probeInput } from './probe-input';
import type { SourceInput } from './source-input';

/** How long ffmpeg may take to end when it is asked to, ms. */
const TERM_TIME = 700;
const KEPT_LINES = 5;
/** fluent-ffmpeg keeps the last lines of all; warnings are among them. */
const RING_LINES = 50;
/** With `-v level+warning` and more: `[mp4 @ 0x5604e5361040] [error] sample rate not set`. */
const LEVEL = /(^|\] )\[(panic|fatal|error|warning|info|verbose|debug)\] ?/;
/** Levels of lines that aren't why it has ended. */
const HARMLESS: ReadonlySet<string | undefined> = new Set(['warning', 'info', 'verbose', 'debug']);

/** Runs ffmpeg by fluent-ffmpeg, and is all that knows that library. */
export class FluentRunner implements FfmpegRunner {
  readonly #ffmpeg: string;
  readonly #probeLimit: number | undefined;

  /**
   * @param ffmpeg the program's path, which must be there: fluent-ffmpeg doesn't survive a wrong one.
   * @param probeLimit how long an input may take to tell what it has, ms.
   */
  constructor(ffmpeg: string, { probeLimit }: { probeLimit?: number } = {}) {
    this.#ffmpeg = ffmpeg;
    this.#probeLimit = probeLimit;
  }

  probe(input: SourceInput, signal: AbortSignal): Promise<InputMedia> {
    return probeInput(this.#ffmpeg, { input, signal, ...(this.#probeLimit !== undefined && { limit: this.#probeLimit }) });
  }

  run(job: FfmpegJob, take: (bytes: Uint8Array) => void | Promise<void>, printed?: (line: string) => void): FfmpegProcess {
    const command = bearingFailure(withoutChecks(createCommand({ stdoutLines: RING_LINES }))).setFfmpegPath(this.#ffmpeg);
    command.input(job.input).inputOptions([...job.before]).outputOptions([...job.after]);
    if (printed !== undefined) on(command, 'stderr', printed);
    let child: ChildProcess | undefined;
    let stopping = false;
    let cancelKill: (() => void) | undefined;
    const stop = (): void => {
      if (stopping && cancelKill !== undefined) return;
      stopping = true;
      if (child === undefined) return;
      child.kill('SIGTERM');
      cancelKill = guardedClock.after(TERM_TIME, () => child?.kill('SIGKILL'));
    };
    const ended = play(command, take, (started) => {
      child = started;
      killAtExit(started);
      if (stopping) stop();
    }).finally(() => cancelKill?.());
    return { ended, stop };
  }
}

async function play(command: FfmpegCommand, take: (bytes: Uint8Array) => void | Promise<void>, started: (child: ChildProcess) => void): Promise<FfmpegExit> {
  // Without a `close` event: fluent-ffmpeg would take it for an output that broke.
  const output = new Writable({
    emitClose: false,
    write: (bytes: Buffer, _encoding, done) => {
      guard('the output of ffmpeg', () => {
        const taken = take(bytes);
        if (taken instanceof Promise) taken.then(() => done(), done);
        else done();
      }, (error) => done(error as Error));
    },
  });
  const finished = new Promise<void>((resolve) => once(output, 'finish', resolve));
  let taken = Promise.resolve();
  const exit = new Promise<FfmpegExit>((resolve) => {
    on(command, 'end', (_stdout: unknown, printed: string | null) => resolve({ clean: true, lines: lastLines(printed) }));
    on(command, 'error', (error: Error, _stdout: unknown, printed: string | null | undefined) => resolve({ clean: false, lines: lastLines(printed === undefined || printed === null || printed === '' ? error.message : printed) }));
    on(command, 'start', () => {
      const child = childOf(command);
      // fluent-ffmpeg throws on this event, where nobody can catch it.
      on(child.removeAllListeners('error'), 'error', (error: Error) => resolve({ clean: false, lines: [error.message] }));
      if (child.pid === undefined) return;
      taken = finished;
      started(child);
    }, { failed: () => childOf(command).kill('SIGKILL') });
  });
  command.output(output).run();
  const how = await exit;
  await taken;
  return how;
}

/**
 * Without the checks that fluent-ffmpeg makes first: it runs ffmpeg twice to ask for its formats and encoders, without a time
 * limit and where nobody can stop it, and doesn't understand what ffmpeg 7 answers of capture devices. What ffmpeg lacks, it
 * says itself.
 */
function withoutChecks(command: FfmpegCommand): FfmpegCommand {
  return Object.assign(command, {
    _checkCapabilities: (done: () => void) => done(),
    availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
  });
}

type Ended = (error?: Error | null, stdout?: LinesRing, stderr?: LinesRing) => void;
interface LinesRing {
  get(): string;
}

/**
 * Where no descriptors are left for a process, Node gives one without streams, on which fluent-ffmpeg throws where
 * nobody can catch it, before `start`; and once more when the process then says what is wrong with it.
 */
function bearingFailure(command: FfmpegCommand): FfmpegCommand {
  const nothing: LinesRing = { get: () => '' };
  const { _spawnFfmpeg: spawn } = command as FfmpegCommand & { readonly _spawnFfmpeg: (...rest: unknown[]) => void };
  const bearing = (...rest: unknown[]): void => {
    const ended = rest.at(-1) as Ended;
    const over: Ended = (error, stdout = nothing, stderr = nothing) => ended(error, stdout, stderr);
    try {
      spawn.call(command, ...rest.slice(0, -1), over);
    } catch (error) {
      // Behind what the process says of it, which is nearer to the cause. Of two, the first counts.
      guardedClock.after(0, () => over(error as Error));
    }
  };
  return Object.assign(command, { _spawnFfmpeg: bearing });
}

/** The process, of which fluent-ffmpeg's types don't tell. */
function childOf(command: FfmpegCommand): ChildProcess {
  return (command as FfmpegCommand & { readonly ffmpegProc: ChildProcess }).ffmpegProc;
}

/** The last lines of errors. */
function lastLines(printed: string | null): string[] {
  const lines = (printed ?? '').split('\n').filter((line) => line.trim() !== '' && !HARMLESS.has(LEVEL.exec(line)?.[2]));
  return lines.map((line) => line.replace(LEVEL, '$1')).slice(-KEPT_LINES);
}
