import type { Chunk } from '../chunk';

/** Bytes and chunks that are kept at most: of a larger GOP, only what it begins with. */
const MAX_BYTES = 4 << 20;
const MAX_CHUNKS = 300;
/** Frames that are sent again at most: a chunk may have thousands. */
const MAX_FRAMES = 600;

/**
 * The chunks with video since the newest keyframe, so that the last picture can be decoded again. The relay retains most of them anyway:
 * the bound is what this adds at most.
 */
export class KeptGop {
  #chunks: Chunk[] = [];
  #bytes = 0;
  #whole = true;

  /** In order, beginning with the keyframe; only that one if `whole` is false; none before the first keyframe. */
  get chunks(): readonly Chunk[] {
    return this.#chunks;
  }

  /** Whether these are all, so that a decoder that has taken them is where the publisher's encoder is. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Takes the next chunk with video. */
  add(chunk: Chunk): void {
    if (chunk.joinable) this.clear();
    else if (this.#chunks.length === 0 || !this.#whole) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.bytes.length;
    if (this.#bytes > MAX_BYTES || this.#chunks.length > MAX_CHUNKS) this.#keepKeyframe();
  }

  /** Keeps only the keyframe if there are more frames than a decoder is to be sent at once. @param frames how many a chunk has. */
  bound(frames: (chunk: Chunk) => number): void {
    let left = MAX_FRAMES;
    for (const chunk of this.#chunks) left -= frames(chunk);
    if (left < 0) this.#keepKeyframe();
  }

  /** Bytes of the chunks that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  #keepKeyframe(): void {
    this.#chunks.length = Math.min(this.#chunks.length, 1);
    this.#bytes = this.#chunks[0]?.bytes.length ?? 0;
    this.#whole = false;
  }

  clear(): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#whole = true;
  }
}
