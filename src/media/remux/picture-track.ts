import type { BytePlace } from '../byte-reader';
import { readVp9Header, vp9Configuration } from '../codecs/vp9';
import { MediaError } from '../media-error';
import type { InitTrack } from '../mp4/init-writer';
import { av1Entry, vp9Entry } from '../mp4/sample-entry';
import { NON_SYNC_SAMPLE, SYNC_SAMPLE } from '../mp4/track-run';
import type { Frame } from '../webm/timeline';
import type { RemuxTrack, TimedSample } from './remux-track';
import { TickScale } from './tick-scale';

/** Video of WebM that MP4 takes. */
export interface PictureSource {
  readonly codec: 'vp09' | 'av01';
  /** CodecPrivate, if it has some. */
  readonly config: Uint8Array | undefined;
  readonly size: { readonly width: number; readonly height: number };
}

/** An OBU of type 2, which MP4 leaves out: https://aomediacodec.github.io/av1-isobmff/#sampleformat */
const TEMPORAL_DELIMITER = [0x12, 0];
const MAX_DURATION = 2 ** 32 - 1;

/** VP9 or AV1, whose frames pass unchanged, in the order in which they are shown. VP9 is described by its first keyframe. */
export class PictureTrack implements RemuxTrack {
  readonly kind = 'video';
  readonly timescale: number;
  readonly #id: number;
  readonly #source: PictureSource;
  readonly #scale: TickScale;
  #description: InitTrack | undefined;

  /** @throws MediaError `unsupported-layout` if AV1 has no CodecPrivate. */
  constructor(source: PictureSource, { id, timestampScale, place }: { id: number; timestampScale: number; place: BytePlace }) {
    this.#id = id;
    this.#source = source;
    this.#scale = TickScale.forVideo(timestampScale);
    this.timescale = this.#scale.timescale;
    if (source.codec !== 'av01') return;
    if (source.config === undefined) throw new MediaError('unsupported-layout', 'AV1 without a CodecPrivate', place);
    this.#describe(av1Entry(source.config, source.size));
  }

  get description(): InitTrack | undefined {
    return this.#description;
  }

  /** @throws MediaError `malformed-media` if it ends after 2^53 ticks. */
  take({ time, keyframe, payload, statedDuration }: Frame, place: BytePlace): TimedSample | undefined {
    const { codec, size } = this.#source;
    if (codec === 'vp09' && keyframe && this.#description === undefined) this.#describe(vp9Entry(vp9Configuration(readVp9Header(payload, place), size), size));
    if (this.#description === undefined) return undefined;
    const start = this.#scale.convert(time);
    const duration = Math.min(MAX_DURATION, Math.max(1, this.#scale.convert(time + (statedDuration ?? 0)) - start));
    if (!Number.isSafeInteger(start + duration)) throw new MediaError('malformed-media', 'A time above 2^53', place);
    const data = codec === 'av01' && TEMPORAL_DELIMITER.every((byte, at) => payload[at] === byte) ? payload.subarray(TEMPORAL_DELIMITER.length) : payload;
    const sample = { time: start, duration, flags: keyframe ? SYNC_SAMPLE : NON_SYNC_SAMPLE, compositionOffset: 0, data: [data] };
    return { sample, estimated: statedDuration === undefined };
  }

  sourceTicks(duration: number): number {
    return this.#scale.invert(duration);
  }

  #describe(entry: Uint8Array): void {
    this.#description = { id: this.#id, timescale: this.timescale, entry, size: this.#source.size };
  }
}
