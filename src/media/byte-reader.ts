import { i32At, u16At, u64At } from './big-endian';
import { MediaError } from './media-error';

/** Where a reader's first byte stands, for error messages. */
export interface BytePlace {
  /** Bytes from the beginning of the publisher's stream. */
  readonly offset: number;
  /** Path of boxes, such as `moof/traf/tfhd`. */
  readonly path: string;
}

/**
 * Reads big-endian numbers one after the other, never past the end of its bytes.
 * Every read throws a `MediaError` `malformed-media` if there are too few bytes left.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #place: BytePlace;
  #position = 0;

  constructor(bytes: Uint8Array, place: BytePlace) {
    this.#bytes = bytes;
    this.#place = place;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bytes left to read. */
  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  /** The next byte, which stays the next. */
  peek(): number {
    const byte = this.u8();
    this.#position--;
    return byte;
  }

  u16(): number {
    return u16At(this.#bytes, this.#take(2));
  }

  u24(): number {
    const at = this.#take(3);
    return (u16At(this.#bytes, at) << 8) | (this.#bytes[at + 2] ?? 0);
  }

  u32(): number {
    return i32At(this.#bytes, this.#take(4)) >>> 0;
  }

  i32(): number {
    return i32At(this.#bytes, this.#take(4));
  }

  /** An unsigned 64-bit number, refused above 2^53 - 1. */
  u64(): number {
    const at = this.#take(8);
    const value = u64At(this.#bytes, at);
    if (!Number.isSafeInteger(value)) throw this.error('A number above 2^53', at);
    return value;
  }

  /** Four characters, each a byte. */
  fourCC(): string {
    const at = this.#take(4);
    return String.fromCharCode(...this.#bytes.subarray(at, at + 4));
  }

  /** The next `length` bytes, as a view of the reader's own. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** A `malformed-media` error at `position`, by default where the reader is. */
  error(message: string, position: number = this.#position): MediaError {
    return new MediaError('malformed-media', message, { offset: this.#place.offset + position, path: this.#place.path });
  }

  #take(length: number): number {
    const at = this.#position;
    if (length > this.#bytes.length - at) throw this.error(`${length} bytes wanted, ${this.#bytes.length - at} left`);
    this.#position += length;
    return at;
  }
}
