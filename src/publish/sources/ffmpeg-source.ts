import { reportFault } from '../../base/faults';
import type { Log } from '../../base/log';
import { type FfmpegRunner, shownLine } from '../../ffmpeg/ffmpeg-runner';
import type { TrackPlan } from '../../ffmpeg/media-plan';
import type { SourceInput } from '../../ffmpeg/source-input';
import type { MediaLimits } from '../../media/container-parser';
import { Backoff, RETRY } from '../../protocol/backoff';
import type { SourceInfo } from '../../protocol/source-info';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { type RunOutcome, type RunStart, type SourceChange, SourceRun } from './source-run';

/** After so long live, ms, a failure counts as the first one. */
const WELL = 10_000;
/** After so long live, ms, what ffmpeg has to be started again for isn't waited for. */
const STEADY = 1_000;
/** Why ffmpeg is started again, for people. */
const CHANGES: Readonly<Record<SourceChange['type'], string>> = {
  'track-came': 'A track has come that was absent',
  'times-jumped': 'The timestamps of the input have jumped',
  'keyframe-missing': 'The video has no keyframe (IDR) for over 10 s, and viewers could not join: it is encoded',
  'other-media': "The encoder doesn't send H.264 and AAC that can be copied: from its next connection on, the source encodes what it has to",
};
/** The longest time, ms, for which an input that listens is closed to encoders after a failure. */
const LISTENING_PAUSE = 2_000;
const WAITS = 'Waits for an encoder to connect';

interface FfmpegSourceOptions {
  /** Name of the stream. */
  readonly name: string;
  readonly input: SourceInput;
  /** Whether the input begins again when it is over. */
  readonly loop: boolean;
  readonly runner: FfmpegRunner;
  readonly registry: StreamRegistry;
  readonly limits: MediaLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly backoff?: Backoff;
  /** Is told whenever it becomes something else. */
  readonly changed?: (info: SourceInfo) => void;
}

/** The door for what ffmpeg reads: a file or an address that the operator named, started again whenever it fails. */
export class FfmpegSource {
  readonly #options: FfmpegSourceOptions;
  readonly #backoff: Backoff;
  readonly #who: { readonly name: string; readonly input: string };
  #run: SourceRun | undefined;
  /** Where the next run begins, if not with an examination of the input. */
  #next: RunStart | undefined;
  /** Where the run under way has begun. */
  #lastStart: RunStart | undefined;
  #over: Promise<void> | undefined;
  /** Whether it should run. */
  #wanted = false;
  #closed = false;
  #state: SourceInfo['state'] = 'stopped';
  #restarts = 0;
  #message: string | undefined;
  #wake: () => void = () => undefined;
  /** Who wait for the run under way to be gone. */
  readonly #stopping: (() => void)[] = [];

  constructor(options: FfmpegSourceOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff(Math.random, options.input.listens === true ? { ...RETRY, longest: () => LISTENING_PAUSE } : RETRY);
    this.#who = { name: options.name, input: options.input.label };
  }

  /** What the API tells of it. */
  get info(): SourceInfo {
    const { name, input, loop } = this.#options;
    return {
      ...{ name, state: this.#state, input: input.label, loop, restarts: this.#restarts },
      ...(this.#message !== undefined && { message: this.#message }),
    };
  }

  /** Begins, and goes on until the input is over or the source is stopped. What happens is told to the log. */
  start(): void {
    if (this.#closed) return;
    this.#wanted = true;
    this.#over ??= this.#keepRunning();
  }

  /** Stops, until it is started again, which may be before ffmpeg is gone; resolves when it is. May be called twice. */
  async stop(): Promise<void> {
    this.#wanted = false;
    this.#run?.stop();
    this.#wake();
    if (this.#over !== undefined) await Promise.race([this.#over, new Promise<void>((resolve) => this.#stopping.push(resolve))]);
  }

  /** Stops for good; resolves when ffmpeg is gone. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
  }

  async #keepRunning(): Promise<void> {
    try {
      // It may be wanted again by the time it has stopped.
      while (this.#wanted) {
        for (const gone of this.#stopping.splice(0)) gone();
        this.#become('running', this.#options.input.listens === true ? WAITS : this.#state === 'restarting' ? this.#message : undefined);
        this.#run = this.#makeRun();
        const wait = this.#judge(await this.#run.play());
        if (wait !== undefined && wait > 0) await this.#sleep(wait);
      }
      if (this.#state !== 'stopped') this.#become('stopped', 'Somebody stopped it');
    } catch (error) {
      reportFault(error, 'a source', this.#who);
      this.#become('failed', 'It failed for a reason that nobody foresaw: the log has it');
    }
    this.#over = undefined;
    this.#stopping.length = 0;
  }

  /** It is over by itself. */
  #rest(message: string): void {
    this.#wanted = false;
    this.#become('stopped', message);
  }

  #become(state: SourceInfo['state'], message: string | undefined): void {
    this.#state = state;
    this.#message = message;
    this.#options.changed?.(this.info);
  }

  #makeRun(): SourceRun {
    const { log } = this.#options;
    const from = (this.#lastStart = this.#next);
    this.#next = undefined;
    return new SourceRun({
      ...this.#options,
      ...(from !== undefined && { from }),
      live: ({ container, mime }, { video, audio, absent }) => {
        log.info({ ...this.#who, container, mime, video: how(video), audio: how(audio), ...(absent && { absent: absent.codec }) }, 'Source is live');
        if (this.#message === WAITS) this.#become('running', undefined);
        if (absent !== undefined) this.#become('running', `Nothing comes of the track of ${absent.codec}: it is left out until it does`);
      },
      jumped: (seconds) => log.warn({ ...this.#who, seconds }, 'Timestamps jumped: a new epoch begins'),
      mended: (seconds) => log.warn({ ...this.#who, seconds }, 'Timestamps of the input jumped: they are moved, and go on'),
    });
  }

  /** The time until the next run, ms, if there is to be one. */
  #judge(outcome: RunOutcome): number | undefined {
    const { log } = this.#options;
    switch (outcome.type) {
      case 'stopped':
        return undefined;
      case 'ended':
        log.info(this.#who, 'Source has ended');
        this.#rest('The input is over');
        return undefined;
      case 'dismissed':
        log.info({ ...this.#who, reason: outcome.reason }, 'Source is stopped');
        this.#rest('Its stream was ended: start it again when it may go on');
        return undefined;
      case 'left':
        log.info(this.#who, 'Encoder has disconnected');
        this.#next = this.#lastStart;
        return 0;
      case 'changed': {
        if (outcome.lasted >= WELL) this.#backoff.reset();
        const reason = CHANGES[outcome.change];
        log.warn({ ...this.#who, reason }, 'Source is started again on a new timeline');
        this.#next = outcome.next;
        this.#become('restarting', reason);
        return outcome.lasted >= STEADY ? 0 : this.#backoff.next();
      }
      case 'failed': {
        if (outcome.lasted >= WELL) this.#backoff.reset();
        const wait = this.#backoff.next();
        const ffmpeg = outcome.lines.map((line) => shownLine(line, this.#options.input));
        log.warn({ ...this.#who, reason: outcome.reason, ffmpeg, retrySeconds: Math.round(wait / 100) / 10 }, 'Source failed, and is started again');
        this.#restarts++;
        this.#become('restarting', [outcome.reason, ...ffmpeg.slice(-1)].join(': '));
        return wait;
      }
      default:
        return outcome satisfies never;
    }
  }

  #sleep(time: number): Promise<void> {
    if (!this.#wanted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(time, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What is done with a track. */
function how(plan: TrackPlan<string> | undefined): string {
  if (plan === undefined) return 'none';
  return `${plan.track.codec}, ${plan.as === 'copy' ? 'copied' : 'encoded'}`;
}
