import { chooseCodecs, type EncoderChoices } from './codec-choice';
import { CodecPublishing } from './codec-publishing';
import { fittingSize } from './picture-size';
import { publishAddress, randomSession } from './publish-address';
import { AUDIO_DEFAULTS, type AudioSettings, type PublisherOptions, VIDEO_DEFAULTS, type VideoSettings } from './publisher-options';
import type { PublisherError, PublisherEvents, PublisherState, PublisherStats } from './publisher-state';
import type { HearPublishing, Publishing } from './publishing';
import { hasRawTracks } from './raw-tracks';
import { chooseRecording, RecorderPublishing } from './recorder-publishing';

/** Publishes a `MediaStream` to a relay, and stays connected until it is stopped. Has no picture of its own. */
export class SluicePublisher extends EventTarget {
  readonly #options: PublisherOptions;
  readonly #url: string;
  readonly #audio: AudioSettings;
  #stream: MediaStream | undefined;
  #video: VideoSettings;
  #publishing: Publishing | undefined;
  #state: PublisherState = 'idle';
  #stats: PublisherStats;
  #following = new AbortController();
  #over: Promise<void> = Promise.resolve();
  #tellOver: () => void = () => undefined;
  /** Counts starts: what was chosen for one that was stopped meanwhile is of no use. */
  #starts = 0;

  constructor(options: PublisherOptions) {
    super();
    this.#options = options;
    this.#stream = options.stream;
    this.#video = { ...VIDEO_DEFAULTS, ...options.video };
    this.#audio = { ...AUDIO_DEFAULTS, ...options.audio };
    this.#url = publishAddress(options.url, { session: options.session ?? randomSession(), token: options.token });
    const encoder = options.encoder === 'mediarecorder' ? options.encoder : 'webcodecs';
    this.#stats = { encoder, codec: '', bitrate: 0, targetBitrate: this.#video.bitrate, frameRate: 0, droppedFrames: 0, lag: 0, roundTrip: undefined, viewers: 0 };
  }

  get state(): PublisherState {
    return this.#state;
  }

  /** The newest figures. */
  get stats(): PublisherStats {
    return this.#stats;
  }

  /** Goes live; how it goes is told by events. Resolves once the encoder is chosen. Does nothing while it runs. */
  async start(): Promise<void> {
    if (this.#isOn) return;
    const start = ++this.#starts;
    this.#over = new Promise((resolve) => (this.#tellOver = resolve));
    this.#enter('connecting');
    const stream = this.#stream;
    if (stream === undefined || stream.getTracks().every(({ readyState }) => readyState === 'ended')) {
      this.#fail({ code: 'no-tracks', message: 'There is nothing to publish: give a stream with tracks that haven’t ended' });
      return;
    }
    try {
      const publishing = await this.#choose(stream);
      if (start !== this.#starts || this.state !== 'connecting') return;
      if (publishing === undefined) {
        this.#fail({ code: 'unsupported-encoder', message: 'This browser has no encoder for it: use a current Chrome, Edge, Firefox or Safari, in a page over https' });
        return;
      }
      this.#begin(publishing);
    } catch (error) {
      // Without this it would be connecting for ever.
      if (start === this.#starts) this.#fail({ code: 'encoder-failed', message: `The browser cannot encode this: ${error instanceof Error ? error.message : String(error)}` });
    }
  }

  /** Ends the stream for its viewers; resolves when the relay was told. May be called twice. */
  async stop(): Promise<void> {
    if (!this.#isOn) return;
    if (this.#publishing === undefined) this.#enter('ended');
    else this.#publishing.stop();
    await this.#over;
  }

  /** Goes on with other tracks: another camera, a screen, or no sound. Before the start, those are what is published. */
  async replaceTracks(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    if (this.#publishing === undefined) return;
    this.#follow(stream);
    await this.#publishing.replace(stream);
  }

  /** Other settings of the picture, from now on. Another codec counts from the next start. */
  async setVideo(settings: Partial<VideoSettings>): Promise<void> {
    this.#video = { ...this.#video, ...settings };
    await this.#publishing?.setVideo(this.#video);
  }

  override addEventListener<Type extends keyof PublisherEvents>(type: Type, listener: (event: PublisherEvents[Type]) => void, options?: boolean | AddEventListenerOptions): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void;
  override addEventListener(type: string, listener: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void {
    super.addEventListener(type, listener, options);
  }

  get #isOn(): boolean {
    return this.#state === 'connecting' || this.#state === 'live' || this.#state === 'reconnecting';
  }

  /** WebCodecs where it can do what is wanted, unless the recorder is. */
  async #choose(stream: MediaStream): Promise<Publishing | undefined> {
    const { encoder = 'auto' } = this.#options;
    const codecs = encoder === 'mediarecorder' ? undefined : await this.#codecsFor(stream);
    if (codecs !== undefined) return new CodecPublishing({ url: this.#url, codecs, video: this.#video, audio: this.#audio }, this.#hearer());
    const recorder = this.#recorder();
    if (recorder !== undefined && encoder === 'webcodecs') this.#fallBack('WebCodecs cannot encode this here: the browser’s recorder is used');
    return recorder;
  }

  async #codecsFor(stream: MediaStream): Promise<EncoderChoices | undefined> {
    const { encoder } = this.#options;
    if (!hasRawTracks()) return undefined;
    const { width = 1280, height = 720 } = stream.getVideoTracks()[0]?.getSettings() ?? {};
    const wish = { ...fittingSize({ width, height }, this.#video), bitrate: this.#video.bitrate, frameRate: this.#video.frameRate };
    const asked = await chooseCodecs(this.#video.codec, wish, this.#audio.bitrate);
    const isSilent = asked?.sound === undefined && stream.getAudioTracks().length > 0;
    if (asked !== undefined && (!isSilent || encoder === 'webcodecs')) return asked;
    // The recorder may know the codec; who wants WebCodecs gets another one.
    if (encoder !== 'webcodecs' || this.#video.codec === 'auto') return undefined;
    const other = await chooseCodecs('auto', wish, this.#audio.bitrate);
    if (other !== undefined) this.#fallBack(`WebCodecs cannot encode ${this.#video.codec} here: ${other.picture} is used`);
    return other;
  }

  #recorder(): Publishing | undefined {
    const found = chooseRecording(this.#video.codec);
    if (found === undefined) return undefined;
    if (!found.asked) this.#fallBack(`This browser cannot encode ${this.#video.codec}: ${found.type.label} is used`);
    return new RecorderPublishing({ url: this.#url, video: this.#video, audio: this.#audio, type: found.type }, this.#hearer());
  }

  #begin(publishing: Publishing): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#publishing = publishing;
    this.#follow(stream);
    publishing.start(stream);
  }

  #hearer(): HearPublishing {
    const start = this.#starts;
    return (event) => {
      if (start === this.#starts) this.#hear(event);
    };
  }

  #hear(event: Parameters<HearPublishing>[0]): void {
    switch (event.type) {
      case 'state':
        // Why it failed follows.
        if (event.state !== 'failed') this.#enter(event.state);
        return;
      case 'stats':
        this.#stats = event.stats;
        this.#tell('stats', event.stats);
        return;
      case 'warning':
        this.#tell('warning', event.warning);
        return;
      case 'error':
        this.#failed(event.error);
        return;
      default:
        event satisfies never;
    }
  }

  /** Where WebCodecs fails again and again, the recorder may do. */
  #failed(error: PublisherError): void {
    const { encoder = 'auto' } = this.#options;
    const other = error.code === 'encoder-failed' && encoder === 'auto' && this.#publishing instanceof CodecPublishing ? this.#recorder() : undefined;
    if (other === undefined) {
      this.#fail(error);
      return;
    }
    this.#fallBack('WebCodecs fails here: the browser’s recorder is used');
    this.#begin(other);
  }

  #fallBack(message: string): void {
    this.#tell('warning', { code: 'encoder-fallback', message });
  }

  /** Tells when a track ends by itself. */
  #follow(stream: MediaStream): void {
    this.#following.abort();
    this.#following = new AbortController();
    for (const track of stream.getTracks()) {
      track.addEventListener('ended', () => this.#tell('warning', { code: 'track-ended', message: `The ${track.kind} track has ended: give another one by "replaceTracks"` }), { signal: this.#following.signal });
    }
  }

  #fail(error: PublisherError): void {
    this.#enter('failed');
    this.#tell('error', error);
  }

  #enter(state: PublisherState): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'ended' || state === 'failed') {
      this.#following.abort();
      this.#publishing = undefined;
      this.#tellOver();
    }
    this.#tell('statechange', state);
  }

  #tell<Type extends keyof PublisherEvents>(type: Type, detail: PublisherEvents[Type]['detail']): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
