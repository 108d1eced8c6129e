import type { PublisherOptions, VideoSettings } from '../publisher/publisher-options';
import type { PublisherError, PublisherState, PublisherStats } from '../publisher/publisher-state';
import { SluicePublisher } from '../publisher/sluice-publisher';
import { broadcastWarning, OVER_WHEN_LIVE } from './broadcast-warning';
import type { WarningBoard } from './warning-board';

/**
 * Where a broadcast is. `connecting`: on its way to its first picture; `live`: the relay passes it on;
 * `reconnecting`: it was live, and the connection is made again; `stopping`: the end is on its way.
 */
export type StudioState = 'off' | 'connecting' | 'live' | 'reconnecting' | 'stopping';

interface OnAirOptions {
  readonly url: string;
  readonly session: string;
  readonly warnings: WarningBoard;
  /** What is to be published as things stand; undefined where nothing is captured. */
  readonly content: () => OnAirContent | undefined;
  /** The state, or something else to be shown, has changed. */
  readonly changed: () => void;
  readonly measured: (stats: PublisherStats) => void;
  /** Makes the publisher; replaced in tests. */
  readonly create?: (options: PublisherOptions) => SluicePublisher;
}

/** What is to be published. */
export type OnAirContent = Required<Pick<PublisherOptions, 'stream' | 'encoder'>> & { readonly video: Partial<VideoSettings> };

const STATES: Readonly<Record<PublisherState, StudioState>> = {
  idle: 'connecting',
  connecting: 'connecting',
  live: 'live',
  reconnecting: 'reconnecting',
  ended: 'off',
  failed: 'off',
};

function makePublisher(options: PublisherOptions): SluicePublisher {
  return new SluicePublisher(options);
}

/** The studio's broadcasts, one after another: from going live to the end. */
export class OnAir {
  readonly #options: OnAirOptions;
  #publisher: SluicePublisher | undefined;
  /** What `#publisher` is about to take the stream over from: it is on air until then. */
  #former: SluicePublisher | undefined;
  /** Whether something was chosen that only another publisher can do, while this one couldn't be replaced yet. */
  #outdated = false;
  #following = new AbortController();
  #state: StudioState = 'off';
  #since: number | undefined;
  #failure: PublisherError | undefined;
  #stats: PublisherStats | undefined;
  #narrow = false;

  constructor(options: OnAirOptions) {
    this.#options = options;
  }

  get state(): StudioState {
    return this.#state;
  }

  /** When it went live, by `performance.now()`. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Why it is off, if it wasn't stopped. */
  get failure(): PublisherError | undefined {
    return this.#failure;
  }

  /** The newest figures of this broadcast. */
  get stats(): PublisherStats | undefined {
    return this.#stats;
  }

  /** Whether the upload was too slow for this quality. */
  get narrow(): boolean {
    return this.#narrow;
  }

  start(): void {
    const content = this.#options.content();
    if (this.#state !== 'off' || content === undefined) return;
    this.#failure = this.#since = this.#stats = undefined;
    this.#narrow = this.#outdated = false;
    this.#options.warnings.clear();
    this.#publish(content);
  }

  /** Ends the broadcast; resolves when the relay was told. */
  async stop(): Promise<void> {
    if (this.#state === 'off' || this.#state === 'stopping') return;
    const publisher = this.#publisher;
    this.#enter('stopping');
    await Promise.all([publisher?.stop(), this.#former?.stop()]);
    if (this.#publisher === publisher) this.#end();
  }

  /** Goes on with other tracks. */
  async replace(stream: MediaStream): Promise<void> {
    if (this.#isOn) await this.#publisher?.replaceTracks(stream);
  }

  /** Goes on in another quality. */
  async setVideo(video: Partial<VideoSettings>): Promise<void> {
    this.#narrow = false;
    if (this.#isOn) await this.#publisher?.setVideo(video);
  }

  /** Goes on with another encoder or codec, which one publisher can't change: a new one of the same session takes the stream over. */
  renew(): void {
    const content = this.#options.content();
    if (!this.#isOn || content === undefined) return;
    if (this.#since === undefined) {
      // Nobody has seen it yet: it needn't be handed over.
      void this.#publisher?.stop();
      this.#publish(content);
    } else if (this.#state === 'live') {
      this.#former = this.#publisher;
      this.#publish(content);
    } else {
      // One that is on its way may have the stream by now: ended, it would end it for viewers.
      this.#outdated = true;
    }
  }

  get #isOn(): boolean {
    return this.#state !== 'off' && this.#state !== 'stopping';
  }

  #publish({ stream, encoder, video }: OnAirContent): void {
    const { url, session } = this.#options;
    this.#following.abort();
    this.#following = new AbortController();
    const { signal } = this.#following;
    const publisher = (this.#options.create ?? makePublisher)({ url, session, stream, encoder, video });
    this.#publisher = publisher;
    publisher.addEventListener('statechange', ({ detail }) => this.#follow(detail), { signal });
    publisher.addEventListener('stats', ({ detail }) => this.#measure(detail), { signal });
    publisher.addEventListener(
      'warning',
      ({ detail }) => {
        const told = broadcastWarning(detail);
        if (detail.code === 'upload-slow') this.#narrow = true;
        if (told !== undefined) this.#options.warnings.raise(told.warning, performance.now() + told.lasts);
        this.#options.changed();
      },
      { signal },
    );
    publisher.addEventListener(
      'error',
      ({ detail }) => {
        this.#failure = detail;
        this.#end();
      },
      { signal },
    );
    this.#enter('connecting');
    void Promise.resolve(publisher.start());
  }

  #follow(state: PublisherState): void {
    // `failed` is told again as an error, which says why.
    if (this.#state === 'stopping' || state === 'failed') return;
    if (state === 'ended') {
      this.#end();
      return;
    }
    if (state === 'live') {
      this.#since ??= performance.now();
      for (const code of OVER_WHEN_LIVE) this.#options.warnings.lower(code);
      this.#dismissFormer();
    }
    this.#enter(STATES[state]);
    if (state === 'live' && this.#outdated) {
      this.#outdated = false;
      this.renew();
    }
  }

  #measure(stats: PublisherStats): void {
    this.#stats = stats;
    this.#options.measured(stats);
    this.#options.changed();
  }

  #end(): void {
    this.#following.abort();
    this.#publisher = undefined;
    this.#dismissFormer();
    this.#options.warnings.clear();
    this.#enter('off');
  }

  /** It was told that it is replaced, or would come back: what is shown as off must be off. */
  #dismissFormer(): void {
    void this.#former?.stop();
    this.#former = undefined;
  }

  #enter(state: StudioState): void {
    this.#state = state;
    this.#options.changed();
  }
}
