/** What is allocated at most before the first byte is in, however large the declared size. */
const MAX_FIRST_CAPACITY = 4096;

/** Bytes that come in pieces: memory follows what has come, not what was declared, in linear time. It keeps no piece. */
export class GrowingBytes {
  readonly #expected: number;
  #buffer: Uint8Array;
  #length = 0;

  /** For `expected` bytes. */
  constructor(expected: number) {
    this.#expected = expected;
    this.#buffer = new Uint8Array(Math.min(expected, MAX_FIRST_CAPACITY));
  }

  get length(): number {
    return this.#length;
  }

  /** A view of all bytes so far; valid until the next `append`. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, Math.min(this.#expected, this.#buffer.length * 2)));
      grown.set(this.bytes);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }
}
