import { MAX_SECONDS } from '../../protocol/time-bounds';
import type { BytePlace } from '../byte-reader';
import type { Chunk } from '../chunk';
import type { ChunkMemory } from '../chunk-memory';
import { MediaError } from '../media-error';
import { headLength, isLaced, KEYFRAME, laceCount, laceFrames, MAX_BLOCK_HEAD, plainFlags, readBlockHead, type BlockHead } from './block';
import { clusterLayout, ClusterWriter } from './cluster-writer';
import type { WebmInit } from './init-segment';
import type { Frame, Timeline } from './timeline';
import type { WebmTrack } from './webm-track';

/** Ticks: leaves room below 2^53 for the durations of all frames of a lace. */
export const MAX_TIME = 2 ** 52;

/** What the blocks of a Cluster have in common. */
export interface BlockContext {
  readonly init: Pick<WebmInit, 'tracks' | 'dropped'>;
  /** Timestamp of the Cluster, ticks. */
  readonly clusterTime: number;
  readonly maxChunk: number;
  /** Where chunks are allocated. */
  readonly memory: ChunkMemory;
}

/** What is said of the frames of a block. */
type Told = Pick<Frame, 'keyframe' | 'statedDuration'>;

/** Puts one Block or SimpleBlock together from pieces: its head, then its payload, straight into a Cluster of its own. */
export class BlockAssembler {
  readonly #context: BlockContext;
  /** Of the whole block, head and all. */
  readonly #size: number;
  /** Of its first byte. */
  readonly place: BytePlace;
  /** The beginning of a head that is cut. */
  #cut: { readonly bytes: Uint8Array; length: number } | undefined;
  #head: BlockHead | undefined;
  /** Undefined for a track that isn't passed on, too. */
  #source: WebmTrack | undefined;
  #writer: ClusterWriter | undefined;

  /** @throws MediaError `malformed-media` if the block is too small for a head. */
  constructor(context: BlockContext, size: number, place: BytePlace) {
    this.#context = context;
    this.#size = size;
    this.place = place;
    if (size < 4) throw this.#malformed('A block of fewer than 4 bytes');
  }

  /** The keyframe flag, which only a SimpleBlock has. */
  get keyframeFlag(): boolean {
    return ((this.#head?.flags ?? 0) & KEYFRAME) !== 0;
  }

  /** How many frames share the block, empty ones among them; 0 if it is of one, or isn't passed on. */
  get lacedFrames(): number {
    return this.#writer && this.#head && isLaced(this.#head.flags) ? laceCount(this.#writer.payload) : 0;
  }

  /**
   * Takes the bytes from `from` to before `to`.
   * @throws MediaError `malformed-media`, or `chunk-too-large` before the payload is taken.
   */
  append(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#head ? from : this.#readHead(bytes, from, to);
    if (start < to) this.#writer?.append(bytes, start, to);
  }

  /**
   * Gives each frame of the whole block to `take`, which says how long it lasts, ticks: browsers refuse lacing, so frames that share
   * a block are parted. None if its track isn't passed on; none for an empty frame, which holds nothing to decode.
   * Payloads are views of the block's own, for `take` to keep.
   * @throws MediaError `malformed-media` if the sizes of its frames don't fit, or one begins too late.
   */
  frames({ keyframe, statedDuration }: Told, take: (frame: Frame) => number): void {
    const source = this.#source;
    const head = this.#head;
    if (!head) throw this.#malformed('A block ends inside its head');
    if (!source || !this.#writer) return;
    const whole = this.#writer.payload;
    let time = this.#timeOf(head);
    for (const payload of isLaced(head.flags) ? laceFrames(whole, head.flags, this.#payloadPlace(head)) : [whole]) {
      this.#checkTime(time);
      if (payload.length > 0) time += take({ source, time, keyframe, payload, statedDuration });
    }
  }

  /** Gives a chunk for each frame, as `frames` does. */
  chunks(timeline: Timeline, told: Told, emit: (chunk: Chunk) => void): void {
    this.frames(told, (frame) => {
      const duration = timeline.durationOf(frame);
      const keyframe = frame.keyframe || frame.source.kind === 'audio';
      emit(timeline.describe(this.#writerOf(frame).seal(duration.written, keyframe), frame, duration));
      return duration.duration;
    });
  }

  /** Reads the head, as far as it is there, and gives the index behind it. */
  #readHead(bytes: Uint8Array, from: number, to: number): number {
    const length = headLength(this.#cut?.bytes[0] ?? bytes[from] ?? 0);
    if (!this.#cut && length <= to - from) {
      this.#beginPayload(readBlockHead(bytes, from));
      return from + length;
    }
    const cut = this.#cut ??= { bytes: new Uint8Array(MAX_BLOCK_HEAD), length: 0 };
    const end = Math.min(to, from + length - cut.length);
    cut.bytes.set(bytes.subarray(from, end), cut.length);
    cut.length += end - from;
    if (cut.length === length) this.#beginPayload(readBlockHead(cut.bytes, 0));
    return end;
  }

  #beginPayload(head: BlockHead | undefined): void {
    const { init } = this.#context;
    if (!head) throw this.#malformed('The number of a track has more than 8 bytes, or is above 2^53');
    if (head.headSize > this.#size) throw this.#malformed('A block ends inside its head');
    this.#head = head;
    this.#source = init.tracks.get(head.track);
    if (this.#source) this.#writer = this.#writerFor(head, this.#timeOf(head), this.#size - head.headSize);
    else if (!init.dropped.has(head.track)) throw this.#malformed(`A block of track ${head.track}, which isn't among the tracks`);
  }

  #payloadPlace({ headSize }: BlockHead): BytePlace {
    return { offset: this.place.offset + headSize, path: this.place.path };
  }

  /** The Cluster of a frame: the block's own, or a new one for one frame of several. */
  #writerOf({ time, payload }: Frame): ClusterWriter {
    if (this.#head === undefined || this.#writer === undefined) throw this.#malformed('A block ends inside its head');
    if (!isLaced(this.#head.flags)) return this.#writer;
    const writer = this.#writerFor(this.#head, time, payload.length);
    writer.append(payload);
    return writer;
  }

  #writerFor({ track, flags }: BlockHead, time: number, payloadSize: number): ClusterWriter {
    const layout = clusterLayout({ track, time, flags: plainFlags(flags), payloadSize });
    const { maxChunk, memory } = this.#context;
    if (layout.size > maxChunk) throw new MediaError('chunk-too-large', `A chunk of ${layout.size} bytes, where ${maxChunk} are allowed`, this.place);
    return new ClusterWriter(layout, memory);
  }

  /** A time before zero, as encoders have it that start ahead, counts as zero: Media Source Extensions take no other. */
  #timeOf(head: BlockHead): number {
    const time = this.#context.clusterTime + head.relativeTime;
    this.#checkTime(time);
    return Math.max(0, time);
  }

  #checkTime(time: number): void {
    if (time > MAX_TIME) throw this.#malformed('A time above 2^52');
    if (this.#source && time / this.#source.timescale > MAX_SECONDS) throw this.#malformed(`A time above ${MAX_SECONDS} s`);
  }

  #malformed(message: string): MediaError {
    return new MediaError('malformed-media', message, this.place);
  }
}
