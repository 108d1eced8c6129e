import { Broadcast } from './broadcast';
import type { AudioSettings, VideoCodec, VideoSettings } from './publisher-options';
import { lossWarning, type PublisherState, UPLOAD_SLOW } from './publisher-state';
import type { HearPublishing, Publishing } from './publishing';
import { Recording, type RecordingListener } from './recording';
import { recordingMime, type RecordingType, supportedTypes } from './recording-type';

/** How often it is told how it gets on, ms. */
const STATS_PACE = 500;
/** What the picture isn't lowered below, bits a second. */
const LOWEST = 200_000;

interface RecorderSetup {
  readonly url: string;
  readonly video: VideoSettings;
  readonly audio: AudioSettings;
  readonly type: RecordingType;
}

/** How recordings name the codecs of pictures. */
const NAMES: Readonly<Record<Exclude<VideoCodec, 'auto'>, string>> = { h264: 'avc1', vp9: 'vp9', vp8: 'vp8', av1: 'av01' };

/** How this browser's recorder writes such a picture; another one if it can't; undefined if it records nothing. */
export function chooseRecording(codec: VideoCodec): { readonly type: RecordingType; readonly asked: boolean } | undefined {
  if (typeof MediaRecorder === 'undefined') return undefined;
  const types = supportedTypes({ supports: (mime) => MediaRecorder.isTypeSupported(mime), webkit: 'ManagedMediaSource' in globalThis });
  const wanted = codec === 'auto' ? undefined : types.find(({ codecs }) => codecs?.video.startsWith(NAMES[codec]));
  const type = wanted ?? types[0];
  return type && { type, asked: codec === 'auto' || wanted !== undefined };
}

/** Publishes by the browser's recorder, in the page: it gives its pieces nowhere else. */
export class RecorderPublishing implements Publishing {
  readonly #setup: RecorderSetup;
  readonly #hear: HearPublishing;
  readonly #broadcast: Broadcast;
  #video: VideoSettings;
  #stream: MediaStream | undefined;
  #ticker: ReturnType<typeof setInterval> | undefined;
  #state: PublisherState = 'idle';
  #lowered = 0;

  constructor(setup: RecorderSetup, hear: HearPublishing) {
    this.#setup = setup;
    this.#hear = hear;
    this.#video = setup.video;
    this.#broadcast = new Broadcast({ url: setup.url, record: (listener, lowered) => this.#record(listener, lowered), changed: () => this.#changed() });
  }

  start(stream: MediaStream): void {
    this.#stream = stream;
    this.#ticker = setInterval(() => this.#tellStats(), STATS_PACE);
    this.#broadcast.start();
  }

  async replace(stream: MediaStream): Promise<void> {
    this.#stream = stream;
    await this.#broadcast.renew();
  }

  async setVideo(video: VideoSettings): Promise<void> {
    this.#video = video;
    await this.#broadcast.renew();
  }

  stop(): void {
    void this.#broadcast.stop();
  }

  get #bitrate(): number {
    return Math.max(Math.min(LOWEST, this.#video.bitrate), this.#video.bitrate / 2 ** this.#broadcast.lowered);
  }

  #record(listener: RecordingListener, lowered: number): Recording {
    const stream = this.#stream;
    if (stream === undefined) throw new Error('There is nothing to record');
    const mime = recordingMime(this.#setup.type, { audio: stream.getAudioTracks().length > 0 });
    if (lowered > this.#lowered) this.#hear({ type: 'warning', warning: UPLOAD_SLOW });
    this.#lowered = lowered;
    return new Recording({ stream, mime, videoBitrate: this.#bitrate, audioBitrate: this.#setup.audio.bitrate }, listener);
  }

  #changed(): void {
    const { phase, failure, hindrance, since } = this.#broadcast;
    if (phase === 'off') this.#over(failure === undefined ? 'ended' : 'failed');
    else if (phase === 'live') this.#enter('live');
    else if (phase !== 'stopping') this.#enter(since === undefined ? 'connecting' : 'reconnecting');
    if (phase === 'retrying') this.#hear({ type: 'warning', warning: lossWarning(hindrance) });
  }

  #over(state: 'ended' | 'failed'): void {
    clearInterval(this.#ticker);
    if (this.#state === state) return;
    this.#enter(state);
    const { failure } = this.#broadcast;
    if (failure?.kind === 'refused') this.#hear({ type: 'error', error: { code: failure.error.code, message: failure.error.message } });
    if (failure?.kind === 'recorder') this.#hear({ type: 'error', error: { code: 'encoder-failed', message: `The browser cannot record this: ${String(failure.error)}` } });
  }

  #enter(state: PublisherState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#hear({ type: 'state', state });
  }

  #tellStats(): void {
    const { bitrate, viewers, behind, codec, latency } = this.#broadcast;
    const stats = { encoder: 'mediarecorder', codec, bitrate, targetBitrate: this.#bitrate, frameRate: this.#frameRate, droppedFrames: 0, lag: behind, roundTrip: undefined, viewers } as const;
    this.#hear({ type: 'stats', stats: { ...stats, ...(latency !== undefined && { latency }) } });
  }

  /** The recorder counts no frames: what the track gives. */
  get #frameRate(): number {
    return this.#stream?.getVideoTracks()[0]?.getSettings().frameRate ?? 0;
  }
}
