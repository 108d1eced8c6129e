import { guard } from '../base/guard';
import { ffmpegJob } from '../ffmpeg/ffmpeg-job';
import type { FfmpegExit, FfmpegProcess, FfmpegRunner } from '../ffmpeg/ffmpeg-runner';
import { InputWatch, type RunChange } from '../ffmpeg/input-watch';
import { type MediaPlan, type MediaWishes, planMedia, withoutKeyframes, withTracksPresent } from '../ffmpeg/media-plan';
import { KeyframeWatch } from '../media/keyframe-watch';
import { MediaParser } from '../media/media-parser';
import type { Clock } from '../relay/clock';
import { type Examined, examine, ffmpegWords } from './examine';
import { PushClient, type PushOutcome } from './push-client';
import { EXIT, PushError } from './push-error';
import type { Reporter } from './push-event';
import type { PushInput } from './push-input';
import type { PushTarget } from './push-target';

const TICK = 1_000;
/** An ffmpeg that ran for less than this, ms, is started again only after a wait, ms. */
const STEADY = 5_000;
const RESTART_WAIT = 1_000;

interface PushOptions {
  readonly input: PushInput;
  readonly target: PushTarget;
  readonly wishes: MediaWishes;
  /** Whether the input is live, if its user says so. */
  readonly live?: boolean;
  /** Where to begin, seconds. */
  readonly start?: number;
  /** How long the input may give nothing, ms. */
  readonly timeout: number;
  /** How long a lost relay is tried to be reached, ms. */
  readonly retry: number;
  readonly runner: FfmpegRunner;
  readonly clock: Clock;
  readonly reporter: Reporter;
}

/** What ffmpeg is started with. */
interface PushRun {
  readonly client: PushClient;
  readonly examined: Examined;
  readonly plan: MediaPlan;
  /** Where to begin, seconds. */
  readonly start?: number;
}

/** Why ffmpeg is started again. */
const CHANGES: Readonly<Record<RunChange['type'], string>> = {
  'track-came': 'A track has come that was absent: the input is opened again, and published with it',
  'times-jumped': 'The timestamps of the input have jumped: it is opened again, and goes on on a new timeline',
  'keyframe-missing': 'The video has no keyframe (IDR) for over 10 s, and viewers could not join: the input is opened again, and encoded',
};

/** One `sluice push`: an input, the ffmpeg that reads it, and the way to the relay. */
export class Push {
  readonly #options: PushOptions;
  readonly #abort = new AbortController();
  #ffmpeg: FfmpegProcess | undefined;
  #client: PushClient | undefined;
  #cancelStart: () => void = () => undefined;
  #exit: number | undefined;
  /** When the ffmpeg that runs last gave something, or was let go on. */
  #heardAt: number | undefined;
  /** Why ffmpeg was stopped. */
  #fault: PushError | undefined;

  constructor(options: PushOptions) {
    this.#options = options;
  }

  /** Publishes until the input is over, and gives the exit code. @throws PushError if it fails. */
  async run(): Promise<number> {
    const { reporter } = this.#options;
    try {
      const outcome = await this.#publish();
      const exit = this.#exit ?? EXIT.ended;
      const reason = outcome.reason === 'ended' ? 'The stream has ended' : `The stream has ended, but ${outcome.reason}`;
      reporter.tell({ type: 'ended', exit, reason });
      return exit;
    } catch (error) {
      if (this.#exit !== undefined) return this.#exit;
      throw error;
    } finally {
      reporter.close();
      this.#cancelStart();
      this.#ffmpeg?.stop();
      this.#client?.cut();
      await this.#ffmpeg?.ended;
    }
  }

  /** The user wants to leave, and the exit code is this one. May be called at any time. */
  stop(exit: number): void {
    this.#exit = exit;
    this.#abort.abort();
    this.#ffmpeg?.stop();
    this.#client?.leave();
  }

  async #publish(): Promise<PushOutcome> {
    const { input, target, wishes, live, start, runner, clock, reporter, retry } = this.#options;
    if (target.exposed) reporter.tell({ type: 'warning', message: 'The key travels unencrypted: whoever is on the way can read it; use https:// or wss://' });
    const examined = await examine({ input, runner, wishes, signal: this.#abort.signal, ...(live !== undefined && { live }) });
    if (this.#exit !== undefined) return { type: 'ended', reason: 'nothing was published' };
    const { duration } = examined.media;
    if (start !== undefined && duration !== undefined && start >= duration) {
      throw new PushError('usage', `Cannot use --start ${start}: "${input.label}" is over after ${duration} s`);
    }
    reporter.tell({ type: 'input', input: input.label, url: target.label, media: examined.media, plan: examined.plan, live: examined.live });
    let again = false;
    const client = (this.#client = new PushClient({
      ...{ target, clock, retry, paced: examined.paced, live: examined.live },
      listener: {
        live: (mime) => {
          reporter.tell({ type: 'live', mime, again });
          again = true;
        },
        lost: (reason, wait) => reporter.tell({ type: 'lost', reason, wait: Math.round(wait) }),
      },
    }));
    const stopTicks = clock.every(TICK, this.#ticker(client, examined));
    try {
      this.#start({ client, examined, plan: examined.plan, ...(start !== undefined && { start }) });
      return this.#judge(await client.outcome);
    } finally {
      stopTicks();
    }
  }

  /** Starts ffmpeg, and again if the input changes in a way for which it has to be. */
  #start(run: PushRun): void {
    const { input, wishes, runner, clock, reporter } = this.#options;
    const { client, examined, plan, start } = run;
    const { live } = examined;
    const job = ffmpegJob({ input, plan, loop: wishes.loop, realTime: false, live, format: examined.media.format, ...(wishes.picture && { picture: wishes.picture }), ...(start !== undefined && { start }) });
    const watch = new InputWatch(clock);
    let change: RunChange | undefined;
    const began = (this.#heardAt = clock.now());
    const takes = this.#take(client, (time) => {
      if (plan.video?.as !== 'copy') return;
      const canEncode = input.open === undefined && planMedia(withoutKeyframes(examined.media), wishes).video?.as !== 'copy';
      if (canEncode) stopFor({ type: 'keyframe-missing', time });
      else reporter.tell({ type: 'warning', message: 'The video has no keyframe (IDR) for over 10 s, and viewers can\'t join: --video h264 encodes it' });
    });
    const ffmpeg = (this.#ffmpeg = runner.run(job, takes, (line) => {
      const read = input.open === undefined ? watch.read(line) : undefined;
      if (read === undefined) return;
      if (read.type === 'times-mended') reporter.tell({ type: 'warning', message: `The timestamps of the input have jumped by ${Math.round(read.seconds)} s: they are moved, and go on` });
      else stopFor(read);
    }));
    const stopFor = (found: RunChange): void => {
      if (change !== undefined) return;
      change = found;
      ffmpeg.stop();
    };
    guard('the end of ffmpeg', async () => {
      const exit = await ffmpeg.ended;
      this.#heardAt = undefined;
      if (change === undefined || this.#exit !== undefined || this.#fault !== undefined) {
        this.#ended(exit, client);
        return;
      }
      reporter.tell({ type: 'warning', message: CHANGES[change.type] });
      const next = this.#runAfter(run, change);
      this.#cancelStart = clock.after(clock.now() - began < STEADY ? RESTART_WAIT : 0, () => this.#start(next));
    });
  }

  /** What goes on after a change, with what is known by then: a file at its position. */
  #runAfter(run: PushRun, change: RunChange): PushRun {
    if (change.type === 'times-jumped') return run;
    const { wishes } = this.#options;
    const { client, examined, start = 0 } = run;
    const { live, media: before } = examined;
    const media = change.type === 'track-came' ? withTracksPresent(before) : withoutKeyframes(before);
    const time = start + change.time;
    const position = wishes.loop && media.duration !== undefined ? time % media.duration : time;
    return { client, examined: { ...examined, media }, plan: planMedia(media, wishes), ...(!live && { start: position }) };
  }

  /** Takes ffmpeg's output. `keyframeMissing` hears how many seconds of it had come when there had been no keyframe for too long. */
  #take(client: PushClient, keyframeMissing: (time: number) => void): (bytes: Uint8Array) => void | Promise<void> {
    const { clock, input } = this.#options;
    const keyframes = new KeyframeWatch();
    let first: number | undefined;
    const parser = new MediaParser({
      init: (init) => client.begin(init),
      chunk: (chunk) => {
        client.add(chunk);
        first ??= chunk.start;
        if (keyframes.take(chunk) !== undefined) keyframeMissing(chunk.end - first);
      },
    });
    const heard = (): void => {
      this.#heardAt = clock.now();
    };
    return (bytes) => {
      if (this.#fault !== undefined) return;
      heard();
      try {
        parser.push(bytes);
      } catch (cause) {
        this.#fail(`Cannot publish "${input.label}": ${(cause as Error).message}; --video h264 --audio aac encodes it`, cause);
        return;
      }
      return client.room()?.then(heard);
    };
  }

  /** ffmpeg is gone. */
  #ended({ clean, lines }: FfmpegExit, client: PushClient): void {
    const { input } = this.#options;
    if (this.#exit !== undefined) return;
    if (!clean) this.#fault ??= new PushError('input', `ffmpeg has failed on "${input.label}"; ${ffmpegWords(lines, input)}`);
    else if (client.state === 'preparing') this.#fault ??= new PushError('input', `Cannot read "${input.label}": it has given no media; ${ffmpegWords(lines, input)}`);
    if (this.#fault === undefined) client.finish();
    else client.cut();
  }

  #fail(message: string, cause?: unknown): void {
    this.#fault ??= new PushError('input', message, { cause });
    this.#ffmpeg?.stop();
  }

  #judge(outcome: PushOutcome): PushOutcome {
    const { target } = this.#options;
    if (this.#fault !== undefined) throw this.#fault;
    switch (outcome.type) {
      case 'ended':
        return outcome;
      case 'refused':
        throw new PushError('refused', `The relay refuses "${target.name}" at ${target.label}: ${outcome.reason}`);
      case 'unreachable':
        throw new PushError('unreachable', `Cannot reach the relay at ${target.label}: ${outcome.reason}`);
      default:
        return outcome.type satisfies never;
    }
  }

  /** What is done each second: tell how it goes, and look whether the input still gives something. */
  #ticker(client: PushClient, { media }: Examined): () => void {
    const { clock, reporter, wishes, timeout, input, start = 0 } = this.#options;
    const began = clock.now();
    const duration = media.duration === undefined || wishes.loop ? undefined : Math.max(0, media.duration - start);
    let last = { at: began, time: 0, bytes: 0, dropped: 0 };
    return () => {
      const now = clock.now();
      const { time, bytes, dropped, viewers, state, lag } = client;
      const passed = (now - last.at) / 1000;
      reporter.tell({
        type: 'progress',
        state,
        ...{ time: round(time), duration, elapsed: round((now - began) / 1000) },
        ...{ speed: round((time - last.time) / passed), bitrate: Math.round(((bytes - last.bytes) * 8) / passed) },
        ...{ viewers, lag: round(lag / 1000), dropped: round(dropped.seconds), bytes },
      });
      if (dropped.gops > last.dropped) reporter.tell({ type: 'dropped', gops: dropped.gops, seconds: round(dropped.seconds) });
      last = { at: now, time, bytes, dropped: dropped.gops };
      if (this.#heardAt !== undefined && !client.isHolding && now - this.#heardAt > timeout) {
        this.#fail(`Cannot read "${input.label}": it has given nothing for ${Math.round(timeout / 1000)} s`);
      }
    };
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
