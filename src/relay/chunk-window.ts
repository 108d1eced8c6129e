import type { HeldChunk } from './media-message';

/**
 * The newest chunks of one epoch: everything from the newest join point on and at least `age` ms of media as it arrived,
 * but never more than `bytes`. If the newest GOP alone passes that bound, its head is dropped and no join point is left.
 */
export class ChunkWindow {
  readonly #age: number;
  readonly #maxBytes: number;
  readonly #chunks: HeldChunk[] = [];
  #bytes = 0;
  #joinFrom: number | undefined;

  /** @param bounds `age` in ms, `bytes` of media. */
  constructor(bounds: { age: number; bytes: number }) {
    this.#age = bounds.age;
    this.#maxBytes = bounds.bytes;
  }

  /** Bytes of media held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of chunks held. */
  get length(): number {
    return this.#chunks.length;
  }

  /** The newest chunk. */
  get newest(): HeldChunk | undefined {
    return this.#chunks[this.#chunks.length - 1];
  }

  /** Position in front of which the newest join point begins, its audio included; undefined if none is held. */
  get joinFrom(): number | undefined {
    return this.#joinFrom;
  }

  /** Adds the newest chunk, and lets go of what is no longer needed. */
  push(held: HeldChunk): void {
    this.#chunks.push(held);
    this.#bytes += held.chunk.bytes.length;
    if (held.chunk.joinable) this.#joinFrom = this.#startOfJoin(held);
    this.#trim(held.at);
  }

  /** Everything that is held, in order. */
  get all(): readonly HeldChunk[] {
    return this.#chunks;
  }

  /** The keyframes that are held, the newest first. */
  *keyframes(): Iterable<HeldChunk> {
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const held = this.#chunks[index];
      if (held?.joinable === true && held.hasVideo) yield held;
    }
  }

  /** Everything from the newest join point on; empty if none is held. */
  fromJoinPoint(): readonly HeldChunk[] {
    return this.#joinFrom === undefined ? [] : (this.after(this.#joinFrom) ?? []);
  }

  /** The chunks behind `position`, or undefined if it is no boundary between chunks that are held. */
  after(position: number): readonly HeldChunk[] | undefined {
    if (this.newest?.position === position) return [];
    const index = this.#indexBehind(position);
    return this.#chunks[index]?.from === position ? this.#chunks.slice(index) : undefined;
  }

  /** The first chunk that ends behind `position`, or undefined if that is the end. */
  behind(position: number): HeldChunk | undefined {
    return this.#chunks[this.#indexBehind(position)];
  }

  /** Audio directly before the join point that reaches past its time belongs to it. */
  #startOfJoin(join: HeldChunk): number {
    let from = join.from;
    if (!join.chunk.hasVideo) return from;
    for (let index = this.#chunks.length - 2; index >= 0; index--) {
      const before = this.#chunks[index];
      if (before === undefined || before.chunk.hasVideo || before.chunk.end <= join.chunk.start) break;
      from = before.from;
    }
    return from;
  }

  #trim(now: number): void {
    let dropped = 0;
    for (const oldest of this.#chunks) {
      const neededByJoin = this.#joinFrom !== undefined && oldest.from >= this.#joinFrom;
      const wanted = neededByJoin || now - oldest.at <= this.#age;
      if (wanted && this.#bytes <= this.#maxBytes) break;
      if (oldest.from === this.#joinFrom) this.#joinFrom = undefined;
      this.#bytes -= oldest.chunk.bytes.length;
      dropped++;
    }
    if (dropped > 0) this.#chunks.splice(0, dropped);
  }

  /** Index of the first chunk that ends behind `position`. */
  #indexBehind(position: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const held = this.#chunks[middle];
      if (held !== undefined && held.position <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
