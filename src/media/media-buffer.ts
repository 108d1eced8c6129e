import { allocateMedia, type MediaBytes } from './chunk';
import type { ChunkMemory } from './chunk-memory';

/** What is allocated at the word of a header, before a byte of what it declares has come. */
export const TRUSTED_SIZE = 256 << 10;

/**
 * The bytes of one chunk as they come in pieces, each copied straight to where it stays: behind the head room of its WebSocket frame.
 *
 * Who owns what: a piece is the caller's, and may be overwritten once `append` returns; the array that `seal` gives is the
 * chunk's, and nobody's to write to from then on.
 *
 * A few bytes can declare a chunk of many megabytes. So no more than `TRUSTED_SIZE` is allocated at their word; a larger chunk
 * gets its whole size when so many bytes have come, and only those are moved once more. Where no size is declared, memory doubles.
 */
export class MediaBuffer {
  readonly #size: number;
  #bytes: MediaBytes;
  #length = 0;

  /** For `size` bytes in all; `Infinity` if that isn't known. */
  constructor(size: number, memory: ChunkMemory) {
    this.#size = size;
    this.#bytes = memory.allocate(Math.min(size, TRUSTED_SIZE));
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** A view of the bytes from `start` on, as far as they have come; valid until more come. */
  from(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#length);
  }

  /** The bytes of `piece` from `from` to before `to`. */
  append(piece: Uint8Array, from = 0, to = piece.length): void {
    const start = this.#extend(to - from);
    this.#bytes.set(to - from === piece.length ? piece : piece.subarray(from, to), start);
  }

  /** The place of the next `length` bytes, to be written by the caller before more come. */
  next(length: number): Uint8Array {
    const start = this.#extend(length);
    return this.#bytes.subarray(start, this.#length);
  }

  /** The array of all bytes, which are whole now. */
  seal(): MediaBytes {
    if (this.#bytes.length > this.#length) this.#move(this.#length, this.#length);
    return this.#bytes;
  }

  /** Makes room for `length` more, and says where. */
  #extend(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) this.#grow(start);
    return start;
  }

  /** More than is trusted has come: the rest may. */
  #grow(filled: number): void {
    const size = this.#size === Infinity ? Math.max(this.#length, this.#bytes.length * 2) : this.#size;
    this.#move(size, filled);
  }

  #move(size: number, filled: number): void {
    const moved = allocateMedia(size);
    moved.set(this.#bytes.subarray(0, filled));
    this.#bytes = moved;
  }
}
