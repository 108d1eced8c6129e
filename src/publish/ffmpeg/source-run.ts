import type { InitSegment } from '../../media/chunk';
import type { MediaLimits } from '../../media/container-parser';
import { SluiceError } from '../../protocol/error-code';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { Publisher, type PublisherDoor } from '../publisher';
import { ffmpegJob } from './ffmpeg-job';
import { FfmpegError, type FfmpegProcess, type FfmpegRunner } from './ffmpeg-runner';
import { type MediaPlan, planMedia } from './media-plan';
import { isRegularFile, type SourceInput } from './source-input';

/** How long an input may give nothing, ms. Before its first chunk it is connected to, looked at and decoded. */
const PATIENCE = { beforeLive: 20_000, live: 10_000 };

export interface SourceRunOptions {
  readonly name: string;
  readonly input: SourceInput;
  readonly loop: boolean;
  readonly runner: FfmpegRunner;
  readonly registry: StreamRegistry;
  readonly limits: MediaLimits;
  readonly clock: Clock;
  /** The stream is live. */
  readonly live: (init: InitSegment, plan: MediaPlan) => void;
  /** Its times have jumped by so many seconds, back if negative. */
  readonly jumped: (seconds: number) => void;
}

/** How a run came to its end. */
export type RunOutcome =
  /** The input is over. */
  | { readonly type: 'ended' }
  | { readonly type: 'stopped' }
  /** The operator has ended its stream. */
  | { readonly type: 'dismissed'; readonly reason: string }
  /** `lines` are what ffmpeg printed last, `lasted` the time it was live, ms. */
  | { readonly type: 'failed'; readonly reason: string; readonly lines: readonly string[]; readonly lasted: number };

/** One ffmpeg, from its start to its end, and the publisher that it feeds. */
export class SourceRun implements PublisherDoor {
  readonly #options: SourceRunOptions;
  readonly #abort = new AbortController();
  #plan: MediaPlan | undefined;
  #process: FfmpegProcess | undefined;
  #refusal: SluiceError | undefined;
  #liveSince: number | undefined;

  constructor(options: SourceRunOptions) {
    this.#options = options;
  }

  /** Plays the input until it is over, fails or is stopped; resolves when ffmpeg is gone. Is called once. */
  async play(): Promise<RunOutcome> {
    try {
      return await this.#play();
    } catch (error) {
      if (this.#isStopped()) return { type: 'stopped' };
      if (error instanceof FfmpegError) return this.#failed(error.message, error.lines);
      if (error instanceof SluiceError) return this.#refused(error, []);
      throw error;
    }
  }

  /** Ends it. May be called at any time, and twice. */
  stop(): void {
    this.#abort.abort();
    this.#process?.stop();
  }

  live(init: InitSegment): void {
    this.#liveSince ??= this.#options.clock.now();
    if (this.#plan !== undefined) this.#options.live(init, this.#plan);
  }

  jumped(seconds: number): void {
    this.#options.jumped(seconds);
  }

  keyframe(): void {
    // ffmpeg can't be asked for one while it runs.
  }

  failed(error: SluiceError): void {
    this.#refusal = error;
    this.#process?.stop();
  }

  #isStopped(): boolean {
    return this.#abort.signal.aborted;
  }

  async #play(): Promise<RunOutcome> {
    const { name, input, loop, runner, registry, limits, clock } = this.#options;
    const media = await runner.probe(input, this.#abort.signal);
    if (this.#isStopped()) return { type: 'stopped' };
    if (media.video === undefined && media.audio === undefined) return this.#failed('The input has neither picture nor sound', []);
    const plan = (this.#plan = planMedia(media, { loop }));
    const finite = media.finite || isRegularFile(input);
    const publisher = new Publisher({ name, origin: { transport: 'source' }, registry, limits, clock, patience: PATIENCE, door: this });
    this.#process = runner.run(ffmpegJob({ input, plan, loop, realTime: finite }), (bytes) => publisher.push(bytes));
    const { clean, lines } = await this.#process.ended;
    if (clean && finite && !loop && !this.#isStopped()) publisher.end();
    else publisher.lost();
    if (this.#isStopped()) return { type: 'stopped' };
    if (this.#refusal !== undefined) return this.#refused(this.#refusal, lines);
    if (!clean) return this.#failed('ffmpeg failed', lines);
    return finite && !loop ? { type: 'ended' } : this.#failed('The input broke off', lines);
  }

  #refused({ code, message }: SluiceError, lines: readonly string[]): RunOutcome {
    return code === 'ended-by-operator' ? { type: 'dismissed', reason: message } : this.#failed(message, lines);
  }

  #failed(reason: string, lines: readonly string[]): RunOutcome {
    const lasted = this.#liveSince === undefined ? 0 : this.#options.clock.now() - this.#liveSince;
    return { type: 'failed', reason, lines, lasted };
  }
}
