import { soundConfig } from './codec-choice';
import { chunkBytes, descriptionBytes } from './encoded-bytes';
import { type EncodedSound, type SoundShape, soundTimescale } from './live-muxer';

/** Sound that is off its place by more than this, as lips would show it, is put right: by silence, or by leaving some out; seconds. */
const SLACK = 0.06;
/** Silence is made in pieces of so many seconds, and so much at once at most. */
const PIECE = 0.1;
const MOST_SILENCE = 5;

interface SoundListener {
  /** The encoder has said what it makes. */
  described(shape: SoundShape): void;
  sound(packet: EncodedSound): void;
  failed(error: unknown): void;
}

export interface SoundEncoderOptions {
  readonly codec: SoundShape['codec'];
  readonly bitrate: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Of the presentation: when its first sample was captured, seconds. */
  readonly start: number;
  /** Makes the browser's encoder; replaced in tests. */
  readonly create?: (init: AudioEncoderInit) => AudioEncoder;
}

/**
 * The browser's encoder of sound at work. Its packets follow one another to the sample, by count: Media Source Extensions drop the
 * picture up to the next keyframe where sound has a gap.
 */
export class SoundEncoder {
  readonly #options: SoundEncoderOptions;
  readonly #listener: SoundListener;
  readonly #encoder: AudioEncoder;
  readonly #timescale: number;
  /** Samples that went in. */
  #samples = 0;
  /** Ticks at which the next packet begins. */
  #next: number;

  /** @throws DOMException when the browser has no such encoder. */
  constructor(options: SoundEncoderOptions, listener: SoundListener) {
    const { codec, bitrate, sampleRate, channels, start, create = (init: AudioEncoderInit): AudioEncoder => new AudioEncoder(init) } = options;
    this.#options = options;
    this.#listener = listener;
    this.#timescale = soundTimescale(options);
    this.#next = Math.max(0, Math.round(start * this.#timescale));
    this.#encoder = create({
      output: (chunk, metadata) => this.#output(chunk, metadata),
      error: (error) => listener.failed(error),
    });
    this.#encoder.configure(soundConfig(codec, { sampleRate, channels, bitrate }));
  }

  /** Up to where sound was given, seconds of the presentation. */
  get end(): number {
    return this.#options.start + this.#samples / this.#options.sampleRate;
  }

  /** Whether it takes this sound as it is. */
  takes({ sampleRate, numberOfChannels }: AudioData): boolean {
    return sampleRate === this.#options.sampleRate && numberOfChannels === this.#options.channels;
  }

  /** Encodes sound and lets go of it. @param time at which its first sample was captured. */
  encode(data: AudioData, time: number): void {
    if (time - this.end > SLACK) this.fill(time);
    if (this.end - time <= SLACK) this.#encode(data);
    else data.close();
  }

  /** Silence up to `time`: no sound came. */
  fill(time: number): void {
    const { sampleRate, channels } = this.#options;
    // The rest, if there is more, with the next call.
    const until = Math.min(time, this.end + MOST_SILENCE);
    while (this.#encoder.state === 'configured' && until - this.end > 1 / sampleRate) {
      const frames = Math.max(1, Math.round(Math.min(PIECE, until - this.end) * sampleRate));
      this.#encode(new AudioData({ format: 'f32-planar', sampleRate, numberOfChannels: channels, numberOfFrames: frames, timestamp: this.#timestamp, data: new Float32Array(frames * channels) }));
    }
  }

  async flush(): Promise<void> {
    if (this.#encoder.state === 'configured') await this.#encoder.flush().catch(() => undefined);
  }

  /** May be called twice. */
  close(): void {
    if (this.#encoder.state !== 'closed') this.#encoder.close();
  }

  get #timestamp(): number {
    return Math.round((this.#samples / this.#options.sampleRate) * 1e6);
  }

  #encode(data: AudioData): void {
    try {
      if (this.#encoder.state !== 'configured') return;
      this.#encoder.encode(data);
      this.#samples += data.numberOfFrames;
    } catch (error) {
      this.#listener.failed(error);
    } finally {
      data.close();
    }
  }

  #output(chunk: EncodedAudioChunk, metadata: EncodedAudioChunkMetadata | undefined): void {
    const { decoderConfig } = metadata ?? {};
    if (decoderConfig !== undefined) {
      const { numberOfChannels, sampleRate } = decoderConfig;
      const { codec } = this.#options;
      this.#listener.described({ codec, channels: numberOfChannels, sampleRate, description: descriptionBytes(decoderConfig) });
    }
    const duration = Math.max(1, Math.round(((chunk.duration ?? 20_000) * this.#timescale) / 1e6));
    this.#listener.sound({ time: this.#next, duration, data: chunkBytes(chunk) });
    this.#next += duration;
  }
}
