import { allocateMedia, type MediaBytes } from '../chunk';

/** How many bytes the shortest size field for `size` has; all ones are reserved for "unknown". RFC 8794 §4.4. */
export function sizeLength(size: number): number {
  let length = 1;
  for (let limit = 128; length < 8 && size >= limit - 1; limit *= 128) length++;
  return length;
}

/** How many bytes the shortest unsigned integer for `value` has: 1 to 8. */
export function uintLength(value: number): number {
  let length = 1;
  for (let limit = 256; length < 8 && value >= limit; limit *= 256) length++;
  return length;
}

/** An ID, with its length marker, has 1 to 4 bytes. */
function idLength(id: number): number {
  return 4 - (Math.clz32(id) >> 3);
}

/** How many bytes an element with `size` bytes behind its header has. */
export function elementLength(id: number, size: number): number {
  return idLength(id) + sizeLength(size) + size;
}

/** Writes elements one behind the other into bytes that are large enough, whose length was worked out before. */
export class ElementWriter {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#position;
  }

  /** ID and size, each as short as it can be. */
  header(id: number, size: number): void {
    this.number(id, idLength(id));
    this.vint(size);
  }

  /** A variable-size integer, as short as it can be. */
  vint(value: number): void {
    const length = sizeLength(value);
    this.number(value, length);
    const first = this.#position - length;
    this.#bytes[first] = (this.#bytes[first] ?? 0) | (0x80 >> (length - 1));
  }

  /** A number in `length` bytes. */
  number(value: number, length: number): void {
    const start = this.#position;
    let rest = value;
    for (let at = start + length - 1; at >= start; at--) {
      this.#bytes[at] = rest & 0xff;
      // Bitwise operators take 32 bits, and are quicker by far.
      rest = rest <= 0x7fffffff ? rest >> 8 : Math.floor(rest / 256);
    }
    this.#position += length;
  }

  append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#position);
    this.#position += bytes.length;
  }
}

/** An element with the given parts behind its header. */
export function writeElement(id: number, parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(elementLength(id, size));
  const writer = new ElementWriter(bytes);
  writer.header(id, size);
  for (const part of parts) writer.append(part);
  return bytes;
}

/** All parts, joined by `allocateMedia`. */
export function joinMedia(parts: readonly Uint8Array[]): MediaBytes {
  const bytes = allocateMedia(parts.reduce((sum, part) => sum + part.length, 0));
  const writer = new ElementWriter(bytes);
  for (const part of parts) writer.append(part);
  return bytes;
}
