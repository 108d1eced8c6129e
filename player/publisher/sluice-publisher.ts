import { randomSession } from './session';
import { Broadcast, type BroadcastPhase } from './broadcast';
import { AUDIO_DEFAULTS, type PublisherOptions, VIDEO_DEFAULTS, type VideoSettings } from './publisher-options';
import type { PublisherError, PublisherEvents, PublisherState, PublisherStats } from './publisher-state';
import { publishAddress } from './publish-address';
import { Recording, type RecordingListener } from './recording';
import { recordingMime, type RecordingType, supportedTypes } from './recording-type';

/** How often `stats` are told, ms. */
const STATS_PACE = 500;

/** Publishes a `MediaStream` to a relay, and stays connected until it is stopped. Has no picture of its own. */
export class SluicePublisher extends EventTarget {
  readonly #options: PublisherOptions;
  readonly #broadcast: Broadcast;
  readonly #type: RecordingType | undefined;
  #stream: MediaStream | undefined;
  #video: VideoSettings;
  #state: PublisherState = 'idle';
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(options: PublisherOptions) {
    super();
    this.#options = options;
    this.#stream = options.stream;
    this.#video = { ...VIDEO_DEFAULTS, ...options.video };
    this.#type = supportedTypes({ supports: (mime) => MediaRecorder.isTypeSupported(mime), webkit: 'ManagedMediaSource' in window })[0];
    this.#broadcast = new Broadcast({
      url: publishAddress(options.url, { session: options.session ?? randomSession(), token: options.token }),
      record: (listener, lowered) => this.#record(listener, lowered),
      changed: () => this.#changed(),
    });
  }

  get state(): PublisherState {
    return this.#state;
  }

  get stats(): PublisherStats {
    const { bitrate, viewers } = this.#broadcast;
    const { bitrate: targetBitrate } = this.#video;
    return { encoder: 'mediarecorder', codec: '', bitrate, targetBitrate, frameRate: 0, droppedFrames: 0, lag: (this.#broadcast.slow ?? 0) * 1000, roundTrip: undefined, viewers };
  }

  /** Goes live; how it goes is told by events. */
  start(): void {
    if (this.#stream === undefined || this.#stream.getTracks().length === 0) {
      this.#fail({ code: 'no-tracks', message: 'There is nothing to publish: the stream has no tracks' });
      return;
    }
    this.#ticker ??= setInterval(() => this.#tell('stats', this.stats), STATS_PACE);
    this.#broadcast.start();
  }

  /** Ends the stream for its viewers; resolves when the relay was told. May be called twice. */
  async stop(): Promise<void> {
    await this.#broadcast.stop();
  }

  /** Goes on with other tracks: another camera, a screen, or no sound. */
  async replaceTracks(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    await this.#broadcast.renew();
  }

  /** Other settings of the picture, from now on. */
  async setVideo(settings: Partial<VideoSettings>): Promise<void> {
    this.#video = { ...this.#video, ...settings };
    await this.#broadcast.renew();
  }

  override addEventListener<Type extends keyof PublisherEvents>(type: Type, listener: (event: PublisherEvents[Type]) => void, options?: boolean | AddEventListenerOptions): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener, options);
  }

  #record(listener: RecordingListener, lowered: number): Recording {
    if (this.#stream === undefined || this.#type === undefined) throw new Error('There is nothing to record');
    const mime = recordingMime(this.#type, { audio: this.#stream.getAudioTracks().length > 0 });
    const audioBitrate = this.#options.audio?.bitrate ?? AUDIO_DEFAULTS.bitrate;
    return new Recording({ stream: this.#stream, mime, videoBitrate: this.#video.bitrate / 2 ** lowered, audioBitrate }, listener);
  }

  #changed(): void {
    const { phase, failure } = this.#broadcast;
    if (failure !== undefined && phase === 'off') {
      this.#fail(failure.kind === 'refused' ? failure.error : { code: 'encoder-failed', message: 'The browser cannot record this' });
    } else {
      this.#enter(this.#stateOf(phase));
    }
  }

  #stateOf(phase: BroadcastPhase): PublisherState {
    if (phase === 'off') return 'ended';
    if (phase === 'live' || phase === 'stopping') return 'live';
    return this.#broadcast.since === undefined ? 'connecting' : 'reconnecting';
  }

  #fail({ code, message }: PublisherError): void {
    this.#enter('failed');
    this.#tell('error', { code, message } satisfies PublisherError);
  }

  #enter(state: PublisherState): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'ended' || state === 'failed') {
      clearInterval(this.#ticker);
      this.#ticker = undefined;
    }
    this.#tell('statechange', state);
  }

  #tell(type: keyof PublisherEvents, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
