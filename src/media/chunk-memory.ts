import { allocateMedia, cutMedia, HEAD_ROOM, type MediaBytes } from './chunk';

/** Bytes of the memory that small chunks share. */
export const SLAB_SIZE = 64 << 10;
/** The largest piece that is cut from a slab, head room and all: what is left over at its end is an eighth at most. */
export const LARGEST_CUT = SLAB_SIZE >> 3;

/**
 * Memory for the chunks of one stream. Each has its own bytes and head room, which nobody else writes to; but small ones lie side by
 * side in slabs, since an `ArrayBuffer` for each would take longer to make, and to collect, than its chunk to parse.
 *
 * A chunk that is held holds its whole slab. Since a slab is of one stream, and its chunks lie in it in the order in which they
 * leave, a window of chunks holds two slabs at most besides its own bytes.
 */
export class ChunkMemory {
  #slab = new ArrayBuffer(0);
  #used = 0;

  /** An array of `size` bytes with `HEAD_ROOM` free bytes before it, in a buffer of its own if it is large. */
  allocate(size: number): MediaBytes {
    const cut = HEAD_ROOM + size;
    if (cut > LARGEST_CUT) return allocateMedia(size);
    if (cut > this.#slab.byteLength - this.#used) this.#beginSlab();
    const bytes = cutMedia(this.#slab, { at: this.#used, size });
    this.#used += cut;
    return bytes;
  }

  #beginSlab(): void {
    this.#slab = new ArrayBuffer(SLAB_SIZE);
    this.#used = 0;
  }
}
