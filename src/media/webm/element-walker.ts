import { ByteReader, type BytePlace } from '../byte-reader';
import { MediaError } from '../media-error';
import type { ErrorCode } from '../../protocol/error-code';
import { GrowingBytes } from '../growing-bytes';
import { MAX_ELEMENT_HEADER, readElementHeader, wantedHeaderBytes } from './element-header';
import { Element } from './element';
import { elementName, ElementId, endsBefore } from './element-id';

/** What to do with an element: read its children, hold it whole, take its bytes as they come, or pass over it. */
export type Treatment = 'enter' | 'collect' | 'stream' | 'skip';

/** An element whose header has been read. */
export interface OpenElement {
  readonly id: number;
  /** Bytes behind the header; `Infinity` if unknown. */
  readonly size: number;
  /** ID of the element around it; undefined at top level. */
  readonly parent: number | undefined;
}

/** Who decides what to do with elements, and hears of them. */
export interface ElementVisitor {
  begin(element: OpenElement): Treatment;
  /** A collected element is whole. */
  collected(element: Element): void;
  /** More bytes of the element that streams. */
  streamed(bytes: Uint8Array): void;
  /** An element that was entered or streamed is over. */
  end(id: number): void;
}

interface Level {
  readonly id: number;
  readonly path: string;
  /** Offset of its end at the latest: of the element around it if its own size is unknown; `Infinity` if none is known. */
  readonly end: number;
  readonly sizeKnown: boolean;
}

/**
 * Walks through EBML that comes in pieces (RFC 8794), and holds no more than a header and what its visitor wants collected.
 */
export class ElementWalker {
  readonly #visitor: ElementVisitor;
  /** The elements around the next byte, outermost first. */
  readonly #levels: Level[] = [];
  /** Of the next byte in the publisher's stream. */
  #offset = 0;
  #state: 'header' | Exclude<Treatment, 'enter'> = 'header';
  readonly #header = new Uint8Array(MAX_ELEMENT_HEADER);
  #headerLength = 0;
  /** The element in hand that isn't entered, and how much of it is to come. */
  #current: number | undefined;
  #remaining = 0;
  #collected: GrowingBytes | undefined;

  constructor(visitor: ElementVisitor) {
    this.#visitor = visitor;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Path of the elements around the next byte. */
  get path(): string {
    const around = this.#levels.at(-1)?.path ?? '';
    if (this.#current === undefined) return around;
    return pathIn(around, this.#current);
  }

  /** The innermost element that has begun but isn't whole, other than one that is skipped, or whose children stand alone. */
  get unfinished(): string | undefined {
    if (this.#headerLength > 0) return 'inside the header of an element';
    const inside = this.#state === 'collect' || this.#state === 'stream' || this.#levels.at(-1)?.id === ElementId.BlockGroup;
    return inside ? `inside "${this.path}"` : undefined;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += this.#step(bytes.subarray(at));
  }

  /** An error where the walker is; an element's own if the visitor calls it from `begin`. */
  error(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, { offset: this.#offset - this.#headerLength, path: this.path });
  }

  /** Takes at least one of `bytes`, and says how many. */
  #step(bytes: Uint8Array): number {
    switch (this.#state) {
      case 'header':
        return this.#readHeader(bytes);
      case 'collect':
        return this.#take(bytes, (piece) => this.#collected?.append(piece));
      case 'stream':
        return this.#take(bytes, (piece) => this.#visitor.streamed(piece));
      case 'skip':
        return this.#take(bytes, () => undefined);
    }
  }

  #readHeader(bytes: Uint8Array): number {
    const piece = bytes.subarray(0, this.#wantedHeader - this.#headerLength);
    this.#header.set(piece, this.#headerLength);
    this.#headerLength += piece.length;
    this.#offset += piece.length;
    if (this.#headerLength === this.#wantedHeader) this.#beginElement();
    return piece.length;
  }

  get #headerBytes(): Uint8Array {
    return this.#header.subarray(0, this.#headerLength);
  }

  /** How many bytes the header has, as far as can be told. */
  get #wantedHeader(): number {
    const wanted = wantedHeaderBytes(this.#headerBytes);
    if (wanted > MAX_ELEMENT_HEADER) throw this.error('malformed-media', 'Not an element: its ID is longer than 4 bytes, or its size than 8');
    return wanted;
  }

  get #headerPlace(): BytePlace {
    return { offset: this.#offset - this.#headerLength, path: this.path };
  }

  #beginElement(): void {
    const { id, size } = readElementHeader(new ByteReader(this.#headerBytes, this.#headerPlace));
    this.#leaveUnknown(id);
    this.#current = id;
    this.#checkSize(id, size);
    const element = { id, size, parent: this.#levels.at(-1)?.id };
    const treatment = this.#visitor.begin(element);
    this.#headerLength = 0;
    if (treatment === 'enter') this.#enter(id, size);
    else this.#hold(size, treatment);
    this.#leaveEnded();
  }

  /** Elements of unknown size end before what can't be in them. */
  #leaveUnknown(next: number): void {
    for (;;) {
      const level = this.#levels.at(-1);
      if (!level || level.sizeKnown || !endsBefore(level.id, next)) return;
      this.#leave(level);
    }
  }

  #checkSize(id: number, size: number): void {
    const name = elementName(id);
    if (size === Infinity) {
      if (id !== ElementId.Segment && id !== ElementId.Cluster) throw this.error('malformed-media', `"${name}" of unknown size`);
      return;
    }
    const end = this.#offset + size;
    if (!Number.isSafeInteger(end)) throw this.error('malformed-media', `"${name}" ends beyond byte 2^53`);
    if (end > this.#limit) throw this.error('malformed-media', `"${name}" reaches past the end of its parent`);
  }

  #enter(id: number, size: number): void {
    const sizeKnown = size !== Infinity;
    this.#levels.push({ id, path: this.path, end: sizeKnown ? this.#offset + size : this.#limit, sizeKnown });
    this.#current = undefined;
  }

  /** Offset that no element may reach past. */
  get #limit(): number {
    return this.#levels.at(-1)?.end ?? Infinity;
  }

  #hold(size: number, treatment: Exclude<Treatment, 'enter'>): void {
    this.#remaining = size;
    this.#state = treatment;
    if (treatment === 'collect') this.#collected = new GrowingBytes(size);
    if (size === 0) this.#endHeld();
  }

  #take(bytes: Uint8Array, use: (piece: Uint8Array) => void): number {
    const piece = bytes.subarray(0, this.#remaining);
    use(piece);
    this.#offset += piece.length;
    this.#remaining -= piece.length;
    if (this.#remaining === 0) {
      this.#endHeld();
      this.#leaveEnded();
    }
    return piece.length;
  }

  #endHeld(): void {
    const id = this.#current ?? 0;
    const payload = this.#collected?.bytes;
    if (this.#state === 'stream') this.#visitor.end(id);
    if (payload) this.#visitor.collected(new Element(id, payload, { offset: this.#offset - payload.length, path: this.path }));
    this.#collected = undefined;
    this.#current = undefined;
    this.#state = 'header';
  }

  #leaveEnded(): void {
    for (;;) {
      const level = this.#levels.at(-1);
      if (!level || level.end !== this.#offset) return;
      this.#leave(level);
    }
  }

  #leave(level: Level): void {
    this.#visitor.end(level.id);
    this.#levels.pop();
  }
}

function pathIn(around: string, id: number): string {
  return around === '' ? elementName(id) : `${around}/${elementName(id)}`;
}
