import type { InitSegment } from '../../media/chunk';
import type { MediaLimits } from '../../media/container-parser';
import { SluiceError } from '../../protocol/error-code';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { Publisher, type PublisherDoor } from '../publisher';
import { ffmpegJob } from './ffmpeg-job';
import { FfmpegError, type FfmpegProcess, type FfmpegRunner } from './ffmpeg-runner';
import type { InputMedia } from './input-media';
import { InputWatch, type RunChange } from './input-watch';
import { type MediaPlan, planMedia, withoutKeyframes, withTracksPresent } from './media-plan';
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
  /** Where a run before has left off. */
  readonly from?: RunStart;
  /** The stream is live. */
  readonly live: (init: InitSegment, plan: MediaPlan) => void;
  /** Its times have jumped by so many seconds, back if negative. */
  readonly jumped: (seconds: number) => void;
  /** Those of its input have, and ffmpeg has moved them. */
  readonly mended: (seconds: number) => void;
}

/** Where a run begins. */
export interface RunStart {
  /** What is known of the input: it isn't examined again. */
  readonly media: InputMedia;
  /** Of an input that isn't live: its position, seconds. */
  readonly start?: number;
}

/** How a run came to its end. */
export type RunOutcome =
  /** The input is over. */
  | { readonly type: 'ended' }
  | { readonly type: 'stopped' }
  /** The operator has ended its stream. */
  | { readonly type: 'dismissed'; readonly reason: string }
  /** The input has changed in a way for which ffmpeg has to be started again, from `next`. */
  | { readonly type: 'changed'; readonly change: RunChange['type']; readonly next: RunStart; readonly lasted: number }
  /** `lines` are what ffmpeg printed last, `lasted` the time it was live, ms. */
  | { readonly type: 'failed'; readonly reason: string; readonly lines: readonly string[]; readonly lasted: number };

/** One ffmpeg, from its start to its end, and the publisher that it feeds. */
export class SourceRun implements PublisherDoor {
  readonly #options: SourceRunOptions;
  readonly #abort = new AbortController();
  #plan: MediaPlan | undefined;
  #process: FfmpegProcess | undefined;
  #refusal: SluiceError | undefined;
  #change: RunChange | undefined;
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

  keyframeMissing(): void {
    if (this.#plan?.video?.as !== 'copy') return;
    // What isn't live is read as fast as it plays.
    this.#change ??= { type: 'keyframe-missing', time: this.#lasted() / 1000 };
    this.#process?.stop();
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
    const { name, input, loop, runner, registry, limits, clock, from } = this.#options;
    const media = from?.media ?? (await runner.probe(input, this.#abort.signal));
    if (this.#isStopped()) return { type: 'stopped' };
    if (media.video === undefined && media.audio === undefined) return this.#failed('The input has neither picture nor sound', []);
    const plan = (this.#plan = planMedia(media, { loop }));
    const finite = media.finite || isRegularFile(input);
    const publisher = new Publisher({ name, origin: { transport: 'source' }, registry, limits, clock, patience: PATIENCE, door: this });
    const start = from?.start;
    const job = ffmpegJob({ input, plan, loop, realTime: finite, live: !finite, format: media.format, ...(start !== undefined && { start }) });
    this.#process = runner.run(job, (bytes) => publisher.push(bytes), this.#watch());
    const { clean, lines } = await this.#process.ended;
    if (clean && finite && !loop && !this.#isStopped() && this.#change === undefined) publisher.end();
    else publisher.lost();
    if (this.#isStopped()) return { type: 'stopped' };
    if (this.#refusal !== undefined) return this.#refused(this.#refusal, lines);
    if (this.#change !== undefined) return this.#changed(this.#change, media, finite);
    if (!clean) return this.#failed('ffmpeg failed', lines);
    return finite && !loop ? { type: 'ended' } : this.#failed('The input broke off', lines);
  }

  #watch(): (line: string) => void {
    const watch = new InputWatch(this.#options.clock);
    return (line) => {
      const found = watch.read(line);
      if (found === undefined || this.#change !== undefined) return;
      if (found.type === 'times-mended') {
        this.#mended(found.seconds);
        return;
      }
      this.#change = found;
      this.#process?.stop();
    };
  }

  #mended(seconds: number): void {
    const { registry, name, mended } = this.#options;
    registry.timesJumped({ name, seconds });
    mended(seconds);
  }

  #changed(change: RunChange, media: InputMedia, finite: boolean): RunOutcome {
    const lasted = this.#lasted();
    if (change.type === 'times-jumped') return { type: 'changed', change: change.type, next: { media }, lasted };
    const { from, loop } = this.#options;
    const time = (from?.start ?? 0) + change.time;
    const start = loop && media.duration !== undefined ? time % media.duration : time;
    const known = change.type === 'track-came' ? withTracksPresent(media) : withoutKeyframes(media);
    return { type: 'changed', change: change.type, next: { media: known, ...(finite && { start }) }, lasted };
  }

  #refused({ code, message }: SluiceError, lines: readonly string[]): RunOutcome {
    return code === 'ended-by-operator' ? { type: 'dismissed', reason: message } : this.#failed(message, lines);
  }

  #failed(reason: string, lines: readonly string[]): RunOutcome {
    return { type: 'failed', reason, lines, lasted: this.#lasted() };
  }

  /** How long it has been live, ms. */
  #lasted(): number {
    return this.#liveSince === undefined ? 0 : this.#options.clock.now() - this.#liveSince;
  }
}
