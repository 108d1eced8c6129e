import { i32At, u32At, u64At } from '../big-endian';
import { MediaError } from '../media-error';
import { boxError, boxName, MIN_BOX_HEADER, readBoxHeader, type BoxSource } from './box-header';

/** Boxes side by side in one: many more than any muxer writes. Bounds the work and the memory that a few bytes can ask for. */
export const MAX_CHILD_BOXES = 8192;

/** A box where it lies, in bytes that are somebody else's. */
export interface BoxRange {
  /** What is around it. */
  readonly source: BoxSource;
  readonly type: number;
  /** In the bytes of `source`: its first, the first behind its header, and the first behind it. */
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

/** The box that begins at `start`, all of which is there. @throws MediaError `malformed-media`. */
export function boxAt(source: BoxSource, start: number): BoxRange {
  const header = readBoxHeader(source, start, source.bytes.length);
  if (!header || start + header.size > source.bytes.length) throw boxError(source, start, 'A box is cut off');
  return { source, type: header.type, start, body: start + header.headerSize, end: start + header.size };
}

/** Of the first byte of a box, counted from the publisher's first. */
export function boxOffset({ source, start }: BoxRange): number {
  return source.origin + start;
}

/** Path of the types of a box and of those around it, its own last. */
export function boxPath({ source, type }: BoxRange): string {
  return source.path === '' ? boxName(type) : `${source.path}/${boxName(type)}`;
}

/** An error of the box itself. */
export function malformedBox(box: BoxRange, message: string): MediaError {
  return new MediaError('malformed-media', message, { offset: boxOffset(box), path: boxPath(box) });
}

/**
 * Goes over the boxes in a box, one after the other, and reads their fields in place: nothing is copied, and nothing is made for
 * each. It is itself the box that it has come to.
 */
export class BoxScanner implements BoxRange, BoxSource {
  readonly bytes: Uint8Array;
  readonly origin: number;
  type = 0;
  start: number;
  body: number;
  end: number;
  readonly #around: BoxRange;
  #count = 0;

  /** @param fields bytes of the box's own, before the boxes in it. @throws MediaError `malformed-media` if they aren't there. */
  constructor(around: BoxRange, fields = 0) {
    this.bytes = around.source.bytes;
    this.origin = around.source.origin;
    this.#around = around;
    const first = around.body + fields;
    if (first > around.end) throw malformedBox(around, `Box "${boxName(around.type)}" is too small`);
    this.start = this.body = this.end = first;
  }

  /** Of the boxes around; put together only when it is asked for. */
  get path(): string {
    return boxPath(this.#around);
  }

  get source(): BoxSource {
    return this;
  }

  /** How many boxes it has come to since it began, or went back. */
  get count(): number {
    return this.#count;
  }

  /** Goes back to before the box that begins at `start`, which it has come to before. */
  backTo(start: number): void {
    this.start = this.body = this.end = start;
    this.#count = 0;
  }

  /** Goes on to the next box; false if there is none. @throws MediaError `malformed-media`. */
  next(): boolean {
    const at = this.end;
    const left = this.#around.end - at;
    if (left === 0 || (left < MIN_BOX_HEADER && this.#onlyZeros(at))) return false;
    if (this.#count++ === MAX_CHILD_BOXES) throw malformedBox(this.#around, `Box "${boxName(this.#around.type)}" has more than ${MAX_CHILD_BOXES} boxes`);
    const header = readBoxHeader(this, at, this.#around.end);
    if (!header) throw boxError(this, at, 'A box header is cut off');
    const { type, size, headerSize } = header;
    // Only at top level may a box go on to the end, ISO/IEC 14496-12 §4.2.
    if (size === Infinity) throw boxError(this, at, `Box "${boxName(type)}" has no size`);
    if (size > left) throw boxError(this, at, `Box "${boxName(type)}" of ${size} bytes is larger than the ${left} bytes around it`);
    this.type = type;
    this.start = at;
    this.body = at + headerSize;
    this.end = at + size;
    return true;
  }

  /** Goes on to the next box of `type`; false if there is none. */
  find(type: number): boolean {
    while (this.next()) if (this.type === type) return true;
    return false;
  }

  /** Where the box lies that it has come to, for when it goes on. */
  range(): BoxRange {
    const { source, type, start, body, end } = this;
    return { source, type, start, body, end };
  }

  /** A field of the box, `at` bytes behind its header. @throws MediaError `malformed-media` if the box ends before. */
  u32(at: number): number {
    return u32At(this.bytes, this.#field(at, 4));
  }

  i32(at: number): number {
    return i32At(this.bytes, this.#field(at, 4));
  }

  /** Refused above 2^53 - 1. */
  u64(at: number): number {
    const value = u64At(this.bytes, this.#field(at, 8));
    if (!Number.isSafeInteger(value)) throw this.#fieldError('A number above 2^53', at);
    return value;
  }

  /** Index of a table of `size` bytes, `at` bytes behind the header. */
  table(at: number, size: number): number {
    return this.#field(at, size);
  }

  #field(at: number, size: number): number {
    const from = this.body + at;
    if (size > this.end - from) throw this.#fieldError(`${size} bytes wanted, ${Math.max(0, this.end - from)} left`, at);
    return from;
  }

  #fieldError(message: string, at: number): MediaError {
    return new MediaError('malformed-media', message, { offset: this.origin + Math.min(this.body + at, this.end), path: boxPath(this) });
  }

  /** QuickTime ends some lists with four zero bytes. */
  #onlyZeros(at: number): boolean {
    for (let i = at; i < this.#around.end; i++) if (this.bytes[i] !== 0) return false;
    return true;
  }
}
