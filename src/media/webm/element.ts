import type { ErrorCode } from '../../protocol/error-code';
import { ByteReader, type BytePlace } from '../byte-reader';
import { MediaError } from '../media-error';
import { readElementHeader } from './element-header';
import { elementName } from './element-id';

/** Elements side by side in one: many more than any muxer writes. Bounds the memory that a few bytes can ask for. */
export const MAX_CHILD_ELEMENTS = 1024;

/** One whole element in memory. Views share its bytes; nothing is copied. */
export class Element {
  readonly id: number;
  /** What is behind its header. */
  readonly payload: Uint8Array;
  readonly #place: BytePlace;
  /** What `children` has found. */
  #children: readonly Element[] | undefined;

  /** @param place of the payload; its path ends with this element. */
  constructor(id: number, payload: Uint8Array, place: BytePlace) {
    this.id = id;
    this.payload = payload;
    this.#place = place;
  }

  /** Where its payload stands. */
  get place(): BytePlace {
    return this.#place;
  }

  /** All elements in it, in order. They are read once, however often they are asked for. @throws MediaError if one reaches past its end. */
  children(): readonly Element[] {
    if (this.#children) return this.#children;
    const reader = this.#reader();
    const found: Element[] = [];
    while (reader.remaining > 0) {
      const at = reader.position;
      if (found.length === MAX_CHILD_ELEMENTS) throw reader.error(`More than ${MAX_CHILD_ELEMENTS} elements in one`);
      const { id, size } = readElementHeader(reader);
      const path = `${this.#place.path}/${elementName(id)}`;
      const offset = this.#place.offset + reader.position;
      if (size > reader.remaining) throw reader.error(`"${elementName(id)}" reaches past the end of its parent`, at);
      found.push(new Element(id, reader.bytes(size), { offset, path }));
    }
    this.#children = found;
    return found;
  }

  /** The first element in it with this ID. */
  child(id: number): Element | undefined {
    return this.children().find((element) => element.id === id);
  }

  /** Its value as an unsigned integer, RFC 8794 §7.2. */
  uint(): number {
    const reader = this.#reader();
    if (reader.remaining > 8) throw reader.error('A number of more than 8 bytes');
    let value = 0;
    while (reader.remaining > 0) value = value * 256 + reader.u8();
    if (!Number.isSafeInteger(value)) throw reader.error('A number above 2^53', 0);
    return value;
  }

  /** Its value as a floating-point number, RFC 8794 §7.3. */
  float(): number {
    const view = new DataView(this.payload.buffer, this.payload.byteOffset, this.payload.byteLength);
    switch (view.byteLength) {
      case 0:
        return 0;
      case 4:
        return view.getFloat32(0);
      case 8:
        return view.getFloat64(0);
      default:
        throw this.error('malformed-media', 'A floating-point number has 0, 4 or 8 bytes');
    }
  }

  /** Its value as text, up to the first zero byte, RFC 8794 §7.4. For identifiers, which are ASCII and short: anything else is a "?". */
  text(): string {
    const end = this.payload.indexOf(0);
    const text = String.fromCharCode(...this.payload.subarray(0, end < 0 ? undefined : end).subarray(0, 64));
    return text.replace(/[^\x20-\x7e]/g, '?');
  }

  /** An error that stands at this element. */
  error(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, this.#place);
  }

  #reader(): ByteReader {
    return new ByteReader(this.payload, this.#place);
  }
}
