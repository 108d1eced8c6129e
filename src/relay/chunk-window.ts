import type { Chunk } from '../media/chunk';
import type { HeldChunk } from './media-message';
import { Ring } from './ring';

/** What a chunk costs in memory besides its bytes. */
export interface ChunkOverhead {
  readonly perChunk: number;
  /** For the part of each track in it. */
  readonly perSpan: number;
}

/**
 * Bytes, rounded up. Measured with Node.js 20: 455 bytes for a chunk of WebM and 597 for one of MP4, of one track each; 73 for each
 * further track; and the frame that viewers share.
 */
export const CHUNK_OVERHEAD: ChunkOverhead = { perChunk: 864, perSpan: 96 };

/** Chunks among which those of each track are looked for: a second of frames of 60 a second, with sound. A track that has stopped is in none. */
const TRACKS_WITHIN = 128;

/**
 * The newest chunks of one epoch: everything from the newest join point on and at least `age` ms of media as it arrived,
 * but never more than `bytes`, with what chunks cost besides. If the newest GOP alone passes that bound, its head is dropped and no join point is left.
 */
export class ChunkWindow {
  readonly #age: number;
  readonly #maxBytes: number;
  readonly #overhead: ChunkOverhead;
  readonly #chunks = new Ring<HeldChunk>();
  #bytes = 0;
  #cost = 0;
  #joinFrom: number | undefined;

  /** @param bounds `age` in ms, `bytes` of memory, of which a chunk takes its bytes and the `overhead`. */
  constructor({ age, bytes, overhead }: { age: number; bytes: number; overhead: ChunkOverhead }) {
    this.#age = age;
    this.#maxBytes = bytes;
    this.#overhead = overhead;
  }

  /** Bytes of media that are retained. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What they cost, bytes: at most the bound. */
  get cost(): number {
    return this.#cost;
  }

  /** Number of chunks that are retained. */
  get length(): number {
    return this.#chunks.length;
  }

  /** The newest chunk. */
  get newest(): HeldChunk | undefined {
    return this.#chunks.at(this.#chunks.length - 1);
  }

  /** Position in front of which the newest join point begins, its audio included; undefined if none is held. */
  get joinFrom(): number | undefined {
    return this.#joinFrom;
  }

  /** Adds the newest chunk, and lets go of what is no longer needed. */
  push(held: HeldChunk): void {
    this.#chunks.push(held);
    this.#bytes += held.chunk.bytes.length;
    this.#cost += this.#costOf(held);
    if (held.chunk.joinable) this.#joinFrom = this.#startOfJoin(held);
    this.#trim(held.at);
  }

  /** Everything that is retained, in order. */
  get all(): readonly HeldChunk[] {
    return this.#chunks.from(0);
  }

  /** The keyframes that are retained, the newest first. */
  *keyframes(): Iterable<HeldChunk> {
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const held = this.#chunks.at(index);
      if (held?.joinable === true && held.hasVideo) yield held;
    }
  }

  /** Everything from the newest join point on; empty if none is held. */
  fromJoinPoint(): readonly HeldChunk[] {
    return this.#joinFrom === undefined ? [] : (this.after(this.#joinFrom) ?? []);
  }

  /** The chunks after `position`, or undefined if it is no boundary between chunks that are retained. Of more than `bytes`, only the first: those that have no more, or one. */
  after(position: number, bytes = Infinity): readonly HeldChunk[] | undefined {
    if (this.newest?.position === position) return [];
    const index = this.#indexBehind(position);
    if (this.#chunks.at(index)?.from !== position) return undefined;
    let end = index + 1;
    for (let next = this.#chunks.at(end); next !== undefined && next.position - position <= bytes; next = this.#chunks.at(end)) end++;
    return this.#chunks.from(index, end);
  }

  /** The first chunk that ends behind `position`, or undefined if that is the end. */
  behind(position: number): HeldChunk | undefined {
    return this.#chunks.at(this.#indexBehind(position));
  }

  /** Of each of so many tracks the first chunk after `position`, by the number of the track; of a track that isn't in the first chunks, none. */
  firstOfTracks(position: number, tracks: number): ReadonlyMap<number, Chunk> {
    return this.#ofTracks(this.#indexBehind(position), { step: 1, tracks });
  }

  /** Of each of so many tracks the last chunk up to `position`, by the number of the track; of a track that isn't in the last chunks, none. */
  lastOfTracks(position: number, tracks: number): ReadonlyMap<number, Chunk> {
    return this.#ofTracks(this.#indexBehind(position) - 1, { step: -1, tracks });
  }

  #ofTracks(from: number, { step, tracks }: { step: 1 | -1; tracks: number }): ReadonlyMap<number, Chunk> {
    const chunks = new Map<number, Chunk>();
    for (let count = 0; count < TRACKS_WITHIN && chunks.size < tracks; count++) {
      const held = this.#chunks.at(from + step * count);
      if (held === undefined) break;
      for (const { trackId } of held.chunk.spans) if (!chunks.has(trackId)) chunks.set(trackId, held.chunk);
    }
    return chunks;
  }

  /** Audio directly before the join point that reaches past its time belongs to it. */
  #startOfJoin(join: HeldChunk): number {
    let from = join.from;
    if (!join.chunk.hasVideo) return from;
    for (let index = this.#chunks.length - 2; index >= 0; index--) {
      const before = this.#chunks.at(index);
      if (before === undefined || before.chunk.hasVideo || before.chunk.end <= join.chunk.start) break;
      from = before.from;
    }
    return from;
  }

  #trim(now: number): void {
    for (let oldest = this.#chunks.at(0); oldest !== undefined; oldest = this.#chunks.at(0)) {
      const neededByJoin = this.#joinFrom !== undefined && oldest.from >= this.#joinFrom;
      const wanted = neededByJoin || now - oldest.at <= this.#age;
      if (wanted && this.#cost <= this.#maxBytes) break;
      if (oldest.from === this.#joinFrom) this.#joinFrom = undefined;
      this.#bytes -= oldest.chunk.bytes.length;
      this.#cost -= this.#costOf(oldest);
      this.#chunks.shift();
    }
  }

  #costOf({ chunk }: HeldChunk): number {
    return chunk.bytes.length + this.#overhead.perChunk + this.#overhead.perSpan * chunk.spans.length;
  }

  /** Index of the first chunk that ends behind `position`. */
  #indexBehind(position: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const held = this.#chunks.at(middle);
      if (held !== undefined && held.position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
