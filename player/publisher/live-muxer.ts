import { DecoderConfig } from '../../src/media/codecs/decoder-config';
import { OPUS_RATE, opusConfiguration, plainOpus, readOpusHead } from '../../src/media/codecs/opus';
import { bridged, writeFragment } from '../../src/media/mp4/fragment-writer';
import { writeInit, type InitTrack } from '../../src/media/mp4/init-writer';
import { aacEntry, av1Entry, avcEntry, opusEntry, vp9Entry } from '../../src/media/mp4/sample-entry';
import { NON_SYNC_SAMPLE, SYNC_SAMPLE } from '../../src/media/mp4/track-run';
import { sameBytes } from '../../src/media/codecs/h264-parameter-sets';
import { readVp9Header, vp9Configuration } from '../../src/media/codecs/vp9';
import { av1Configuration, withoutDelimiter } from './av1-frame';
import type { PictureCodec } from './codec-choice';
import type { PictureSize } from './picture-size';

const VIDEO_ID = 1;
const AUDIO_ID = 2;
/** Ticks a second of the picture's times. */
const VIDEO_TIMESCALE = 90_000;
const FIRST_INTERVAL = VIDEO_TIMESCALE / 30;

/** An encoded picture. */
export interface EncodedPicture {
  readonly codec: PictureCodec;
  readonly size: PictureSize;
  /** The `avcC` of H.264. */
  readonly description: Uint8Array | undefined;
  /** Seconds. */
  readonly time: number;
  readonly key: boolean;
  readonly data: Uint8Array;
}

/** What is encoded as sound. */
export interface SoundShape {
  readonly codec: 'opus' | 'mp4a.40.2';
  readonly channels: number;
  readonly sampleRate: number;
  /** OpusHead, or an AudioSpecificConfig. */
  readonly description: Uint8Array | undefined;
}

/** A packet of sound. Ticks are those of `soundTimescale`. */
export interface EncodedSound {
  readonly time: number;
  readonly duration: number;
  readonly data: Uint8Array;
}

/** Ticks a second of a sound's times: samples, so that packets follow one another to the sample. */
export function soundTimescale({ codec, sampleRate }: Pick<SoundShape, 'codec' | 'sampleRate'>): number {
  return codec === 'opus' ? OPUS_RATE : sampleRate;
}

/**
 * Writes what encoders give as fragmented MP4, a fragment for each frame and each packet, as soon as it is there. Begins, and begins
 * again where the description has changed, with an init segment before a keyframe: the relay takes that for a new epoch.
 */
export class LiveMuxer {
  readonly #tracks: { readonly video: boolean; readonly audio: boolean };
  #video: { readonly entry: Uint8Array; readonly size: PictureSize } | undefined;
  #sound: SoundShape | undefined;
  #begun = false;
  #sequence = 0;
  #lastTime = -1;
  #interval = FIRST_INTERVAL;

  /** @param tracks those that have to be there before anything is written. */
  constructor(tracks: { readonly video: boolean; readonly audio: boolean }) {
    this.#tracks = tracks;
  }

  /** Whether an init segment was written, and media follows. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Begins anew, with the next keyframe: another connection knows nothing of what was. */
  restart(): void {
    this.#begun = false;
  }

  /** What the sound is from now on. Another one begins anew. */
  describeSound(sound: SoundShape): void {
    const old = this.#sound;
    const same = old !== undefined && old.codec === sound.codec && old.channels === sound.channels && old.sampleRate === sound.sampleRate;
    this.#sound = sound;
    if (!same) this.#begun = false;
  }

  /** The bytes to be sent for it: none before the first keyframe that has all descriptions beside it. */
  picture(picture: EncodedPicture): readonly Uint8Array[] {
    if (picture.key) this.#describe(picture);
    const init = picture.key ? this.#begin() : [];
    if (!this.#begun) return [];
    const time = Math.max(this.#lastTime + 1, Math.round(picture.time * VIDEO_TIMESCALE));
    if (this.#lastTime >= 0) this.#interval = Math.min(VIDEO_TIMESCALE, time - this.#lastTime);
    this.#lastTime = time;
    const data = picture.codec === 'av1' ? withoutDelimiter(picture.data) : picture.data;
    const sample = { time, duration: this.#interval, flags: picture.key ? SYNC_SAMPLE : NON_SYNC_SAMPLE, compositionOffset: 0, data: [data] };
    return [...init, writeFragment(++this.#sequence, [bridged({ trackId: VIDEO_ID, sampleDescription: undefined, version: 0, samples: [sample] }, VIDEO_TIMESCALE)])];
  }

  /** The bytes to be sent for it: none before the picture has begun, if there is one. */
  sound({ time, duration, data }: EncodedSound): readonly Uint8Array[] {
    const init = this.#tracks.video ? [] : this.#begin();
    if (!this.#begun) return [];
    const sample = { time, duration, flags: SYNC_SAMPLE, compositionOffset: 0, data: [data] };
    return [...init, writeFragment(++this.#sequence, [{ trackId: AUDIO_ID, sampleDescription: undefined, version: 0, samples: [sample] }])];
  }

  #describe({ codec, size, description, data }: EncodedPicture): void {
    const entry = pictureEntry({ codec, size, description, data });
    if (entry === undefined || (this.#video !== undefined && sameBytes(this.#video.entry, entry))) return;
    this.#video = { entry, size };
    this.#begun = false;
  }

  #begin(): Uint8Array[] {
    if (this.#begun || (this.#tracks.video && this.#video === undefined) || (this.#tracks.audio && this.#sound === undefined)) return [];
    this.#begun = true;
    const tracks: InitTrack[] = [];
    if (this.#video !== undefined) tracks.push({ id: VIDEO_ID, timescale: VIDEO_TIMESCALE, ...this.#video });
    if (this.#sound !== undefined) tracks.push({ id: AUDIO_ID, timescale: soundTimescale(this.#sound), entry: soundEntry(this.#sound), size: undefined });
    const { ftyp, moov } = writeInit(tracks);
    return [ftyp, moov];
  }
}

function pictureEntry({ codec, size, description, data }: Pick<EncodedPicture, 'codec' | 'size' | 'description' | 'data'>): Uint8Array | undefined {
  switch (codec) {
    case 'h264':
      return description === undefined ? undefined : avcEntry(description, size);
    case 'vp9':
      return vp9Entry(vp9Configuration(readVp9Header(data, { offset: 0, path: 'frame' }), size), size);
    case 'av1':
      return av1Entry(av1Configuration(data), size);
    default:
      return codec satisfies never;
  }
}

function soundEntry({ codec, channels, sampleRate, description }: SoundShape): Uint8Array {
  if (codec !== 'opus') return aacEntry(description ?? new Uint8Array(0), { channels, sampleRate });
  const head = description === undefined ? plainOpus(channels) : readOpusHead(new DecoderConfig(description, { offset: 0, path: 'OpusHead' }));
  return opusEntry(opusConfiguration(head), channels);
}
