import { BitReader } from '../bit-reader';
import type { BytePlace } from '../byte-reader';
import { readAacConfig } from '../codecs/aac-config';
import { DecoderConfig } from '../codecs/decoder-config';
import { OPUS_RATE, opusConfiguration, opusPacketDuration, plainOpus, readOpusHead } from '../codecs/opus';
import { MediaError } from '../media-error';
import type { Sample } from '../mp4/fragment-writer';
import type { InitTrack } from '../mp4/init-writer';
import { aacEntry, opusEntry } from '../mp4/sample-entry';
import { SYNC_SAMPLE } from '../mp4/track-run';
import type { Frame } from '../webm/timeline';
import type { MatroskaTrack } from './matroska-init';
import type { RemuxTrack, TimedSample } from './remux-track';
import { TickScale } from './tick-scale';

/** An Opus packet whose length can't be told: 20 ms. */
const USUAL_OPUS_PACKET = 960;

/** Object types of AAC beneath SBR and PS that browsers may take: Main, LC, SSR and LTP. */
const BROWSERS_AAC: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** How a codec is described, and how many samples its packets have. */
interface AudioCodec {
  readonly entry: Uint8Array;
  readonly sampleRate: number;
  /** Nothing if it can't be told. */
  packetLength(packet: Uint8Array): number | undefined;
}

/** Opus or AAC, whose packets pass unchanged. Its ticks are samples, so that times which Matroska rounds are exact again. */
export class AudioTrack implements RemuxTrack {
  readonly kind = 'audio';
  readonly description: InitTrack;
  readonly timescale: number;
  readonly #codec: AudioCodec;
  readonly #scale: TickScale;
  /** Ticks that all times are moved by. */
  readonly #delay: number;
  /** End of the packet before. */
  #end: number | undefined;

  /** @param options `delay`: what all times are moved by, nanoseconds. @throws MediaError `malformed-media` or `unsupported-codec`. */
  constructor(source: MatroskaTrack, { id, timestampScale, delay = 0 }: { id: number; timestampScale: number; delay?: number }) {
    this.#codec = source.codec === 'Opus' ? opus(source) : aac(source);
    this.timescale = this.#codec.sampleRate;
    this.#scale = new TickScale(timestampScale, this.timescale);
    this.#delay = Math.round((delay * this.timescale) / 1e9);
    this.description = { id, timescale: this.timescale, entry: this.#codec.entry, size: undefined };
  }

  /** @throws MediaError `malformed-media` if it ends beyond 2^53. */
  take(frame: Frame, place: BytePlace): TimedSample {
    const time = this.#place(this.#scale.convert(frame.time) + this.#delay);
    const length = this.#codec.packetLength(frame.payload);
    const duration = length ?? USUAL_OPUS_PACKET;
    this.#end = time + duration;
    if (!Number.isSafeInteger(this.#end)) throw new MediaError('malformed-media', 'A time above 2^53', place);
    const sample: Sample = { time, duration, flags: SYNC_SAMPLE, compositionOffset: 0, data: [frame.payload] };
    return { sample, estimated: length === undefined };
  }

  /** A packet that follows within a tick of Matroska's follows exactly. */
  #place(stated: number): number {
    const end = this.#end ?? stated;
    return Math.abs(end - stated) <= this.#scale.convert(1) + 1 ? end : stated;
  }

  sourceTicks(duration: number): number {
    return this.#scale.invert(duration);
  }
}

function opus({ config, channels, codecDelay, place }: MatroskaTrack): AudioCodec {
  const stated = config ? readOpusHead(new DecoderConfig(config, place)) : plainOpus(channels);
  // Players subtract what is skipped from the times: by a CodecDelay that has been done.
  const head = { ...stated, preSkip: Math.max(0, stated.preSkip - Math.round((codecDelay * OPUS_RATE) / 1e9)) };
  const packetLength = (packet: Uint8Array): number | undefined => {
    const duration = opusPacketDuration(packet);
    return duration === undefined ? undefined : (duration * OPUS_RATE) / 1e6;
  };
  return { entry: opusEntry(opusConfiguration(head), head.channels), sampleRate: OPUS_RATE, packetLength };
}

function aac({ config = new Uint8Array(0), channels, place }: MatroskaTrack): AudioCodec {
  const { objectType, sampleRate, packetLength, channels: stated } = readAacConfig(new BitReader(config, place)).core;
  if (!BROWSERS_AAC.has(objectType)) throw new MediaError('unsupported-codec', `Unknown codec "mp4a.40.${objectType}"`, place);
  return { entry: aacEntry(config, { channels: stated ?? channels, sampleRate }), sampleRate, packetLength: () => packetLength };
}
