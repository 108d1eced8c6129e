import { Command } from 'commander';
import { on } from '../base/guard';
import { StartError } from '../base/start-error';
import type { FfmpegRunner } from '../ffmpeg/ffmpeg-runner';
import { type Ffmpeg, findFfmpeg } from '../ffmpeg/find-ffmpeg';
import { FluentRunner } from '../ffmpeg/fluent-runner';
import type { MediaWishes } from '../ffmpeg/media-plan';
import { systemClock } from '../relay/clock';
import { examine } from './examine';
import { inputFields, inputLines } from './input-words';
import { Push } from './push';
import { EXIT, PushError } from './push-error';
import type { Reporter } from './push-event';
import { type MediaFlags, mediaFlags, type PushFlags, pushFlags, toWishes } from './push-flags';
import { type PushInput, readPushInput } from './push-input';
import { readTarget } from './push-target';
import { BarReporter, JsonReporter, LineReporter } from './reporters';
import { StdinTape } from './stdin-tape';

const INPUT = 'A file, an address that ffmpeg reads, a device such as v4l2:/dev/video0, screen: or test:, or - for standard input';
/** How long what is still open may keep the process from ending, ms. */
const LEAVE_TIME = 1_000;

/** `sluice push`: publishes a file, an address, a screen or a camera. */
export function pushCommand(): Command {
  const command = new Command('push')
    .description('publish a file, an address, a screen or a camera')
    .allowExcessArguments(false)
    .argument('<INPUT>', INPUT)
    .argument('<URL>', 'Where: https://relay.example/publish/NAME, or NAME for the relay of this machine')
    .action((input: string, url: string, flags: PushFlags) => push(input, url, flags));
  for (const flag of [...mediaFlags(), ...pushFlags()]) command.addOption(flag);
  return command;
}

/** `sluice probe`: says what `sluice push` would do. */
export function probeCommand(): Command {
  const command = new Command('probe')
    .description('say whether and how an input would be published')
    .allowExcessArguments(false)
    .argument('<INPUT>', INPUT)
    .option('--json', 'Print one line of JSON')
    .action((input: string, flags: MediaFlags) => probe(input, flags));
  for (const flag of mediaFlags()) command.addOption(flag);
  return command;
}

async function push(inputText: string, url: string, flags: PushFlags): Promise<void> {
  const port = process.env['SLUICE_PORT'];
  const target = readTarget(url, { ...(flags.token !== undefined && { token: flags.token }), ...(port !== undefined && /^\d{1,5}$/.test(port) && { port }) });
  // Whoever lists the processes of this machine doesn't see the key. What the input's address holds, the ffmpeg that reads it shows.
  process.title = `sluice push ${target.name}`;
  delete process.env['SLUICE_TOKEN'];
  const { input, wishes, runner, packaged } = prepare(inputText, flags);
  const { live, start } = flags;
  const reporter = makeReporter(flags);
  if (packaged) reporter.tell({ type: 'warning', message: 'ffmpeg is not installed: the input is read by the packaged one of 2018, which is good for files' });
  const push = new Push({
    ...{ input, target, wishes, runner, clock: systemClock, reporter },
    ...(live !== undefined && { live }),
    ...(start !== undefined && { start }),
    timeout: flags.timeout * 1000,
    retry: flags.retry * 1000,
  });
  const forget = heedSignals((exit) => push.stop(exit));
  try {
    process.exitCode = await push.run();
  } finally {
    forget();
    letGo();
  }
}

async function probe(inputText: string, flags: MediaFlags): Promise<void> {
  const { input, wishes, runner } = prepare(inputText, flags);
  const { live, json } = flags;
  const abort = new AbortController();
  let stopped: number | undefined;
  const forget = heedSignals((exit) => {
    stopped = exit;
    abort.abort();
  });
  try {
    const examined = await examine({ input, runner, wishes, signal: abort.signal, ...(live !== undefined && { live }) });
    const lines = json === true ? [JSON.stringify({ input: input.label, ...inputFields(examined) })] : [`${input.label}:`, ...inputLines(examined)];
    process.stdout.write(`${lines.join('\n')}\n`);
  } catch (error) {
    if (stopped === undefined) throw error;
    process.exitCode = stopped;
  } finally {
    forget();
    letGo();
  }
}

function prepare(text: string, flags: MediaFlags): { input: PushInput; wishes: MediaWishes; runner: FfmpegRunner; packaged: boolean } {
  const wishes = toWishes(flags);
  const display = process.env['DISPLAY'];
  const input = readPushInput(text, { platform: process.platform, ...(display !== undefined && { display }), ...(wishes.picture && { picture: wishes.picture }) });
  if (wishes.loop && input.kind !== 'file') throw new PushError('usage', `Cannot use --loop with "${input.label}": only a file can begin again`);
  const { path, packaged } = ffmpeg();
  const runner = new FluentRunner(path, { probeLimit: flags.timeout * 1000 });
  if (input.kind !== 'stdin') return { input, wishes, runner, packaged };
  if (process.stdin.isTTY) throw new PushError('usage', 'Cannot read standard input: it is a terminal; pipe media into it');
  const tape = new StdinTape(process.stdin);
  return { input: { ...input, open: () => tape.open() }, wishes, runner, packaged };
}

function ffmpeg(): Ffmpeg {
  try {
    return findFfmpeg(process.env);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw new PushError('input', error.message, { cause: error });
  }
}

function makeReporter({ json }: PushFlags): Reporter {
  // Whoever reads what is printed may go: the stream goes on.
  for (const stream of [process.stdout, process.stderr]) on(stream, 'error', () => undefined);
  if (json === true) return new JsonReporter((text) => process.stdout.write(text));
  return process.stderr.isTTY ? new BarReporter(process.stderr) : new LineReporter((text) => process.stderr.write(text));
}

/** The first signal ends it in order, the second at once. */
function heedSignals(stop: (exit: number) => void): () => void {
  let stopping = false;
  const listen = (exit: number) => (): void => {
    if (stopping) process.exit(exit);
    stopping = true;
    stop(exit);
  };
  const listeners = { SIGINT: listen(EXIT.interrupted), SIGTERM: listen(EXIT.terminated) };
  const forget = Object.entries(listeners).map(([signal, listener]) => on(process, signal, listener));
  return () => {
    for (const stop of forget) stop();
  };
}

/** Lets the process end: standard input, of which nobody reads the rest, would keep it. */
function letGo(): void {
  process.stdin.destroy();
  setTimeout(() => process.exit(), LEAVE_TIME).unref();
}
