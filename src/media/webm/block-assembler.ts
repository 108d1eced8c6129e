import type { BytePlace } from '../byte-reader';
import type { Chunk } from '../chunk';
import { MediaError } from '../media-error';
import { isLaced, KEYFRAME, laceFrames, MAX_BLOCK_HEAD, plainFlags, readBlockHead, wantedHeadBytes, type BlockHead } from './block';
import { clusterSize, ClusterWriter } from './cluster-writer';
import type { WebmInit } from './init-segment';
import type { Frame, Timeline } from './timeline';
import type { WebmTrack } from './webm-track';

/** Ticks: leaves room below 2^53 for the durations of all frames of a lace. */
export const MAX_TIME = 2 ** 52;

/** What a block is in. */
export interface BlockContext {
  readonly init: Pick<WebmInit, 'tracks' | 'dropped'>;
  /** Timestamp of the cluster, ticks. */
  readonly clusterTime: number;
  readonly maxChunk: number;
  /** Of the whole block, head and all. */
  readonly size: number;
  /** Of the block's first byte. */
  readonly place: BytePlace;
}

/** Puts one Block or SimpleBlock together from pieces: its head, then its payload, straight into a Cluster of its own. */
export class BlockAssembler {
  readonly #context: BlockContext;
  readonly #headBytes = new Uint8Array(MAX_BLOCK_HEAD);
  #headLength = 0;
  #head: BlockHead | undefined;
  /** Undefined for a track that isn't passed on, too. */
  #source: WebmTrack | undefined;
  #writer: ClusterWriter | undefined;

  /** @throws MediaError `malformed-media` if the block is too small for a head. */
  constructor(context: BlockContext) {
    this.#context = context;
    if (context.size < 4) throw this.#malformed('A block of fewer than 4 bytes');
  }

  /** Of its first byte. */
  get place(): BytePlace {
    return this.#context.place;
  }

  /** The keyframe flag, which only a SimpleBlock has. */
  get keyframeFlag(): boolean {
    return ((this.#head?.flags ?? 0) & KEYFRAME) !== 0;
  }

  /** @throws MediaError `malformed-media`, or `chunk-too-large` before the payload is taken. */
  append(bytes: Uint8Array): void {
    let rest = bytes;
    while (!this.#head && rest.length > 0) rest = rest.subarray(this.#appendHead(rest));
    if (rest.length > 0) this.#writer?.append(rest);
  }

  /**
   * Gives each frame of the whole block to `take`, which says how long it lasts, ticks: browsers refuse lacing, so frames that share
   * a block are parted. None if its track isn't passed on; none for an empty frame, which holds nothing to decode.
   * Payloads are views of the block's own, for `take` to keep.
   * @throws MediaError `malformed-media` if the sizes of its frames don't fit.
   */
  frames(told: Pick<Frame, 'keyframe' | 'statedDuration'>, take: (frame: Frame) => number): void {
    const source = this.#source;
    const head = this.#head;
    if (!head) throw this.#malformed('A block ends inside its head');
    if (!source || !this.#writer) return;
    const whole = this.#writer.payload;
    const payloads = isLaced(head.flags) ? laceFrames(whole, head.flags, this.#payloadPlace(head)) : [whole];
    let time = this.#timeOf(head);
    for (const payload of payloads) {
      if (payload.length > 0) time += take({ ...told, source, time, payload });
    }
  }

  /** Gives a chunk for each frame, as `frames` does. */
  chunks(timeline: Timeline, told: Pick<Frame, 'keyframe' | 'statedDuration'>, emit: (chunk: Chunk) => void): void {
    this.frames(told, (frame) => {
      const duration = timeline.durationOf(frame);
      const keyframe = frame.keyframe || frame.source.track.kind === 'audio';
      emit(timeline.describe(this.#writerOf(frame).seal({ duration: duration.written, keyframe }), frame, duration));
      return duration.duration;
    });
  }

  #appendHead(bytes: Uint8Array): number {
    const wanted = wantedHeadBytes(this.#headBytes.subarray(0, this.#headLength));
    const piece = bytes.subarray(0, wanted - this.#headLength);
    this.#headBytes.set(piece, this.#headLength);
    this.#headLength += piece.length;
    if (this.#headLength === wantedHeadBytes(this.#headBytes.subarray(0, this.#headLength))) this.#beginPayload();
    return piece.length;
  }

  #beginPayload(): void {
    const { init, size, place } = this.#context;
    const head = readBlockHead(this.#headBytes.subarray(0, this.#headLength), place);
    this.#head = head;
    if (head.headSize > size) throw this.#malformed('A block ends inside its head');
    this.#source = init.tracks.get(head.track);
    if (this.#source) this.#writer = this.#writerFor(head, this.#timeOf(head), size - head.headSize);
    else if (!init.dropped.has(head.track)) throw this.#malformed(`A block of track ${head.track}, which isn't among the tracks`);
  }

  #payloadPlace({ headSize }: BlockHead): BytePlace {
    const { offset, path } = this.#context.place;
    return { offset: offset + headSize, path };
  }

  /** The Cluster of a frame: the block's own, or a new one for one frame of several. */
  #writerOf({ time, payload }: Frame): ClusterWriter {
    if (this.#head === undefined || this.#writer === undefined) throw this.#malformed('A block ends inside its head');
    if (!isLaced(this.#head.flags)) return this.#writer;
    const writer = this.#writerFor(this.#head, time, payload.length);
    writer.append(payload);
    return writer;
  }

  #writerFor(head: BlockHead, time: number, payloadSize: number): ClusterWriter {
    const block = { track: head.track, time, flags: plainFlags(head.flags), payloadSize };
    const size = clusterSize(block);
    const { maxChunk, place } = this.#context;
    if (size > maxChunk) throw new MediaError('chunk-too-large', `A chunk of ${size} bytes, where ${maxChunk} are allowed`, place);
    return new ClusterWriter(block);
  }

  /** A time before zero, as encoders have it that start ahead, counts as zero: Media Source Extensions take no other. */
  #timeOf(head: BlockHead): number {
    const time = this.#context.clusterTime + head.relativeTime;
    if (time > MAX_TIME) throw this.#malformed('A time above 2^52');
    return Math.max(0, time);
  }

  #malformed(message: string): MediaError {
    return new MediaError('malformed-media', message, this.#context.place);
  }
}
