import type { MediaLimits } from '../../media/container-parser';
import type { Log } from '../../observe/log';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { Backoff } from './backoff';
import type { FfmpegRunner } from './ffmpeg-runner';
import type { TrackPlan } from './media-plan';
import { redact } from './redact';
import type { SourceInput } from './source-input';
import { type RunOutcome, SourceRun } from './source-run';

/** After so long live, ms, a failure counts as the first one. */
const WELL = 10_000;
/** Characters of a line of ffmpeg's that are logged. */
const LINE_LIMIT = 300;

export interface FfmpegSourceOptions {
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
}

/** The door for what ffmpeg reads: a file or an address that the operator named, started again whenever it fails. */
export class FfmpegSource {
  readonly #options: FfmpegSourceOptions;
  readonly #backoff: Backoff;
  readonly #who: { readonly name: string; readonly input: string };
  #run: SourceRun | undefined;
  #over: Promise<void> | undefined;
  #closed = false;
  #wake: () => void = () => undefined;

  constructor(options: FfmpegSourceOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
    this.#who = { name: options.name, input: options.input.label };
  }

  /** Begins, and goes on until the input is over or the source is closed. What happens is told to the log. */
  start(): void {
    this.#over ??= this.#keepRunning();
  }

  /** Stops; resolves when ffmpeg is gone. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#run?.stop();
    this.#wake();
    await this.#over;
  }

  async #keepRunning(): Promise<void> {
    const { log } = this.#options;
    try {
      while (!this.#closed) {
        this.#run = this.#makeRun();
        const wait = this.#judge(await this.#run.play());
        if (wait === undefined) return;
        await this.#sleep(wait);
      }
    } catch (error) {
      log.error({ ...this.#who, err: error }, 'Source has stopped for a reason that nobody foresaw');
    }
  }

  #makeRun(): SourceRun {
    const { log } = this.#options;
    return new SourceRun({
      ...this.#options,
      live: ({ container, mime }, { video, audio }) => {
        log.info({ ...this.#who, container, mime, video: how(video), audio: how(audio) }, 'Source is live');
      },
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
        return undefined;
      case 'failed': {
        if (outcome.lasted >= WELL) this.#backoff.reset();
        const wait = this.#backoff.next();
        const ffmpeg = outcome.lines.map((line) => redact(line).slice(0, LINE_LIMIT));
        log.warn({ ...this.#who, reason: outcome.reason, ffmpeg, retrySeconds: Math.round(wait / 100) / 10 }, 'Source failed, and is started again');
        return wait;
      }
      default:
        return outcome satisfies never;
    }
  }

  #sleep(time: number): Promise<void> {
    if (this.#closed) return Promise.resolve();
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
