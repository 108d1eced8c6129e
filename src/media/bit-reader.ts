import type { BytePlace } from './byte-reader';
import { MediaError } from './media-error';

/**
 * Reads numbers of any count of bits, most significant bit first, never past the end of its bytes.
 * Every read throws a `MediaError` `malformed-media` if there are too few bits left.
 */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #place: BytePlace;
  #position = 0;

  constructor(bytes: Uint8Array, place: BytePlace) {
    this.#bytes = bytes;
    this.#place = place;
  }

  /** Bits left to read. */
  get remaining(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  /** The next `count` bits as an unsigned number; at most 32. */
  bits(count: number): number {
    this.#need(count);
    let value = 0;
    for (let i = 0; i < count; i++) {
      const at = this.#position++;
      value = value * 2 + (((this.#bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.bits(1) === 1;
  }

  skip(count: number): void {
    this.#need(count);
    this.#position += count;
  }

  /** Goes on to the next whole byte. */
  align(): void {
    this.#position = (this.#position + 7) & ~7;
  }

  /** An unsigned Exp-Golomb number, ITU-T H.264 §9.1. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) if (++zeros > 31) throw this.error('An Exp-Golomb number of more than 32 bits');
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** A signed Exp-Golomb number, ITU-T H.264 §9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }

  /** A `malformed-media` error where the reader is. */
  error(message: string): MediaError {
    return new MediaError('malformed-media', message, { offset: this.#place.offset + (this.#position >> 3), path: this.#place.path });
  }

  #need(count: number): void {
    if (count > this.remaining) throw this.error(`${count} bits wanted, ${this.remaining} left`);
  }
}
