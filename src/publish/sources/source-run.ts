import { ffmpegJob } from '../../ffmpeg/ffmpeg-job';
import { FfmpegError, type FfmpegProcess, type FfmpegRunner } from '../../ffmpeg/ffmpeg-runner';
import { InputDescription } from '../../ffmpeg/input-description';
import type { InputMedia } from '../../ffmpeg/input-media';
import { InputWatch, type RunChange } from '../../ffmpeg/input-watch';
import { isUsual, type MediaPlan, planMedia, planUsualMedia, withoutKeyframes, withTracksPresent } from '../../ffmpeg/media-plan';
import { isRegularFile, type SourceInput } from '../../ffmpeg/source-input';
import type { InitSegment } from '../../media/chunk';
import type { MediaLimits } from '../../media/container-parser';
import { SluiceError } from '../../protocol/error-code';
import type { Clock } from '../../relay/clock';
import type { StreamRegistry } from '../../relay/stream-registry';
import { Publisher, type PublisherDoor } from '../publisher';

/** How long an input may give nothing, ms. Before its first chunk it is connected to, looked at and decoded. */
const PATIENCE = { beforeLive: 20_000, live: 10_000 };

interface SourceRunOptions {
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

/** Why ffmpeg is started again: for a change, or since the input is other than was assumed. */
export type SourceChange = RunChange | { readonly type: 'other-media'; readonly media: InputMedia };

/** How a run came to its end. */
export type RunOutcome =
  /** The input is over. */
  | { readonly type: 'ended' }
  | { readonly type: 'stopped' }
  /** The encoder that had connected has left: another connection may come at once. */
  | { readonly type: 'left' }
  /** The operator has ended its stream. */
  | { readonly type: 'dismissed'; readonly reason: string }
  /** The input has changed in a way for which ffmpeg has to be started again, from `next`. */
  | { readonly type: 'changed'; readonly change: SourceChange['type']; readonly next: RunStart; readonly lasted: number }
  /** `lines` are what ffmpeg printed last, `lasted` the time it was live, ms. */
  | { readonly type: 'failed'; readonly reason: string; readonly lines: readonly string[]; readonly lasted: number };

/** One ffmpeg, from its start to its end, and the publisher that it feeds. */
export class SourceRun implements PublisherDoor {
  readonly #options: SourceRunOptions;
  readonly #abort = new AbortController();
  #plan: MediaPlan | undefined;
  #process: FfmpegProcess | undefined;
  #publisher: Publisher | undefined;
  #refusal: SluiceError | undefined;
  #change: SourceChange | undefined;
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
    const { input, loop, runner, from } = this.#options;
    const listens = input.listens === true;
    // Whoever connects does so once: an examination would be all that comes of it.
    const media = from?.media ?? (listens ? undefined : await runner.probe(input, this.#abort.signal));
    if (this.#isStopped()) return { type: 'stopped' };
    if (media !== undefined && media.video === undefined && media.audio === undefined) return this.#failed('The input has neither picture nor sound', []);
    const plan = (this.#plan = media === undefined ? planUsualMedia({ loop }) : planMedia(media, { loop }));
    const finite = media?.finite === true || isRegularFile(input);
    // Where an encoder is waited for, which may take days, the name is free until it sends something.
    if (!listens) this.#publisher = this.#makePublisher();
    const start = from?.start;
    const job = ffmpegJob({ input, plan, loop, realTime: finite, live: !finite, format: media?.format, ...(start !== undefined && { start }) });
    const description = media === undefined ? new InputDescription() : undefined;
    this.#process = runner.run(job, (bytes) => this.#take(bytes), this.#watch(description));
    const { clean, lines } = await this.#process.ended;
    if (description?.begun === true && this.#change === undefined && this.#liveSince === undefined) this.#compare(description.media);
    if (clean && finite && !loop && !this.#isStopped() && this.#change === undefined) this.#publisher?.end();
    else this.#publisher?.lost();
    if (this.#isStopped()) return { type: 'stopped' };
    if (this.#refusal !== undefined) return this.#refused(this.#refusal, lines);
    if (this.#change !== undefined) return this.#changed(this.#change, media ?? description?.media, finite);
    if (listens && this.#liveSince !== undefined) return { type: 'left' };
    if (!clean) return this.#failed('ffmpeg failed', lines);
    return finite && !loop ? { type: 'ended' } : this.#failed('The input broke off', lines);
  }

  /** @throws SluiceError of a name that isn't free. */
  #makePublisher(): Publisher {
    const { name, registry, limits, clock } = this.#options;
    return new Publisher({ name, origin: { transport: 'source' }, registry, limits, clock, patience: PATIENCE, door: this });
  }

  #take(bytes: Uint8Array): void {
    if (this.#refusal !== undefined) return;
    try {
      this.#publisher ??= this.#makePublisher();
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      this.failed(error);
      return;
    }
    this.#publisher.push(bytes);
  }

  /** @param description of an input that wasn't examined. */
  #watch(description: InputDescription | undefined): (line: string) => void {
    const watch = new InputWatch(this.#options.clock);
    let compared = description === undefined;
    return (line) => {
      const found = watch.read(line);
      if (found?.type === 'times-mended') this.#mended(found.seconds);
      else this.#change ??= found;
      if (!compared && description !== undefined) {
        description.read(line);
        compared = description.isComplete;
        if (compared) this.#compare(description.media);
      }
      if (this.#change !== undefined) this.#process?.stop();
    };
  }

  #mended(seconds: number): void {
    const { registry, name, mended } = this.#options;
    registry.timesJumped({ name, seconds });
    mended(seconds);
  }

  /** Goes on with the plan for the usual if the input has that, else asks for a run with a plan of its own. */
  #compare(media: InputMedia): void {
    const wishes = { loop: this.#options.loop };
    if (isUsual(media, wishes)) this.#plan = planMedia(media, wishes);
    else if (media.video !== undefined || media.audio !== undefined) this.#change ??= { type: 'other-media', media };
  }

  #changed(change: SourceChange, media: InputMedia | undefined, finite: boolean): RunOutcome {
    const lasted = this.#lasted();
    if (change.type === 'other-media') return { type: 'changed', change: change.type, next: { media: change.media }, lasted };
    if (media === undefined) return this.#failed('The input changed before it was known', []);
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
