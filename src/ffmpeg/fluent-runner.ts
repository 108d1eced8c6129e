import createCommand, { type FfmpegCommand } from 'fluent-ffmpeg';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { Writable } from 'node:stream';
import { guard, guardedClock, on, once } from '../base/guard';
import type { FfmpegJob } from './ffmpeg-job';
import type { FfmpegExit, FfmpegProcess, FfmpegRunner } from './ffmpeg-runner';
import type { InputMedia } from './input-media';
import { probeInput } from './probe-input';
import type { SourceInput } from './source-input';

/** How long ffmpeg may take to end when it is asked to, ms. */
const TERM_TIME = 700;
const KEPT_LINES = 5;
/** fluent-ffmpeg keeps the last lines of all; warnings are among them. */
const RING_LINES = 50;
/** What of a line is kept that doesn't end, characters. */
const LINE_LIMIT = 64 << 10;
/** With `-v level+warning` and more: `[mp4 @ 0x5604e5361040] [error] sample rate not set`. */
const LEVEL = /(^|\] )\[(panic|fatal|error|warning|info|verbose|debug)\] ?/;
/** Levels of lines that aren't why it has ended. */
const HARMLESS: ReadonlySet<string | undefined> = new Set(['warning', 'info', 'verbose', 'debug']);

/** Runs every ffmpeg that this process needs, by fluent-ffmpeg, and is all that knows that library. None outlives this process. */
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
    return probeInput(this, { input, signal, ...(this.#probeLimit !== undefined && { limit: this.#probeLimit }) });
  }

  run(job: FfmpegJob, take: (bytes: Uint8Array) => void | Promise<void>, printed?: (line: string) => void): FfmpegProcess {
    const command = spawnedWith(withoutChecks(createCommand({ stdoutLines: RING_LINES })), job).setFfmpegPath(this.#ffmpeg);
    command.input(job.input).inputOptions([...job.before]).outputOptions([...job.after]);
    if (printed !== undefined) on(command, 'stderr', printed);
    let child: ChildProcess | undefined;
    let stopping: 'asked' | 'at-once' | undefined;
    let late = false;
    let cancelKill: (() => void) | undefined;
    const kill = (): void => void child?.kill('SIGKILL');
    const stop = (how?: 'at-once'): void => {
      if (stopping !== 'at-once') stopping = how ?? 'asked';
      if (stopping === 'at-once') kill();
      else if (child !== undefined && cancelKill === undefined) {
        child.kill('SIGTERM');
        cancelKill = guardedClock.after(TERM_TIME, kill);
      }
    };
    const cancelLimit = job.timeLimit === undefined ? undefined : guardedClock.after(job.timeLimit, () => {
      late = true;
      stop('at-once');
    });
    const ended = play(command, take, (started) => {
      child = started;
      killAtExit(started);
      if (job.untrusted === true) giveWay(started);
      if (stopping !== undefined) stop();
    }).finally(() => {
      cancelLimit?.();
      cancelKill?.();
    });
    return { ended: ended.then((exit) => (late ? { ...exit, late } : exit)), stop };
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
    let running = false;
    const fail = (failure: Error): void => resolve({ clean: false, lines: [failure.message], failure });
    on(command, 'end', (_stdout: unknown, printed: string | null) => resolve({ clean: true, lines: lastLines(printed) }));
    on(command, 'error', (error: Error, _stdout: unknown, printed: string | null | undefined) => {
      if (running) resolve({ clean: false, lines: lastLines(printed === undefined || printed === null || printed === '' ? error.message : printed) });
      else fail(error);
    });
    on(command, 'start', () => {
      const child = childOf(command);
      // fluent-ffmpeg throws on this event, where nobody can catch it. One that runs says so when it is told to stop, before it ends.
      on(child.removeAllListeners('error'), 'error', (error: Error) => {
        if (!running) fail(error);
      });
      if (child.pid === undefined) return;
      running = true;
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
type Begun = (child: ChildProcess, stdout: LinesRing, stderr: LinesRing) => void;
type Spawn = (args: readonly string[], options: SpawnOptions, begun: Begun, ended: Ended) => void;
interface LinesRing {
  append(text: string): void;
  get(): string;
}

/**
 * Spawns as the job wants it, and bears failure. Where no descriptors are left for a process, Node gives one without streams, on which
 * fluent-ffmpeg throws where nobody can catch it, before `start`; and once more when the process then says what is wrong with it.
 */
function spawnedWith(command: FfmpegCommand, { signal, untrusted }: FfmpegJob): FfmpegCommand {
  const nothing: LinesRing = { append: () => undefined, get: () => '' };
  const { _spawnFfmpeg: spawn } = command as FfmpegCommand & { readonly _spawnFfmpeg: Spawn };
  const own: SpawnOptions = { killSignal: 'SIGKILL', ...(signal !== undefined && { signal }), ...(untrusted === true && { env: {} }) };
  const bearing: Spawn = (args, options, begun, ended) => {
    const over: Ended = (error, stdout = nothing, stderr = nothing) => ended(error, stdout, stderr);
    const beginning: Begun = (child, stdout, stderr) => {
      boundLines(stderr);
      begun(child, stdout, stderr);
    };
    try {
      spawn.call(command, args, { ...options, ...own }, beginning, over);
    } catch (error) {
      // Behind what the process says of it, which is nearer to the cause. Of two, the first counts.
      guardedClock.after(0, () => over(error as Error));
    }
  };
  return Object.assign(command, { _spawnFfmpeg: bearing });
}

/** fluent-ffmpeg keeps a line until it ends, and an input can make ffmpeg print what it likes. */
function boundLines(ring: LinesRing): void {
  const append = ring.append.bind(ring);
  let length = 0;
  ring.append = (text) => {
    append(text.replace(/[\r\n]+|[^\r\n]+/g, (piece) => {
      const room = Math.max(0, LINE_LIMIT - length);
      const isEnd = piece.startsWith('\n') || piece.startsWith('\r');
      length = isEnd ? 0 : length + piece.length;
      return isEnd ? piece : piece.slice(0, room);
    }));
  };
}

const children = new Set<ChildProcess>();
let forgetExit: () => void = () => undefined;

/** Leaves no child behind where this process ends before it, without an orderly stop. */
function killAtExit(child: ChildProcess): void {
  if (children.size === 0) forgetExit = on(process, 'exit', () => children.forEach((each) => each.kill('SIGKILL')));
  children.add(child);
  once(child, 'exit', () => {
    children.delete(child);
    if (children.size === 0) forgetExit();
  });
}

/** What this process delivers meanwhile comes first. */
function giveWay({ pid = 0 }: ChildProcess): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It is gone already, or the system doesn't permit it.
  }
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
