import type { ErrorCode } from '../../protocol/error-code';
import type { BytePlace } from '../byte-reader';
import { GrowingBytes } from '../growing-bytes';
import { MediaError } from '../media-error';
import { Work, type WorkMeter } from '../work-meter';
import { Element } from './element';
import { idAt, isExact, MAX_ELEMENT_HEADER, vintAt, vintLength, wantedHeaderBytes } from './element-header';
import { elementName, ElementId, endsBefore } from './element-id';

/** What to do with an element: read its children, hold it whole, take its bytes as they come, or pass over it. */
export type Treatment = 'enter' | 'collect' | 'stream' | 'skip';

/** Who decides what to do with elements, and hears of them. */
interface ElementVisitor {
  /** The header of an element has been read: its size is `Infinity` if unknown, and `parent` the ID of the element around it, if any. */
  begin(id: number, size: number, parent: number | undefined): Treatment;
  /** A collected element is whole. */
  collected(element: Element): void;
  /** More bytes of the element that streams: those from `from` to before `to`. */
  streamed(bytes: Uint8Array, from: number, to: number): void;
  /** An element that was entered or streamed is over. */
  end(id: number): void;
}

/** Where an element stands. Its path is put together only when it is asked for. */
class ElementPlace implements BytePlace {
  readonly offset: number;
  readonly #around: string;
  readonly #id: number;

  constructor(offset: number, around: string, id: number) {
    this.offset = offset;
    this.#around = around;
    this.#id = id;
  }

  get path(): string {
    return pathIn(this.#around, this.#id);
  }
}

/** An element that has been entered. */
interface Level {
  readonly id: number;
  readonly path: string;
  /** Offset of its end at the latest: of the element around it if its own size is unknown; `Infinity` if none is known. */
  readonly end: number;
  readonly sizeKnown: boolean;
  readonly around: Level | undefined;
}

/**
 * Walks through EBML that comes in pieces (RFC 8794), and holds no more than what its visitor wants collected. A header that lies
 * whole in what is pushed is read there; only one that is cut between two pushes is put together first.
 */
export class ElementWalker {
  readonly #visitor: ElementVisitor;
  readonly #work: WorkMeter;
  /** The innermost element around the next byte. */
  #level: Level | undefined;
  /** Of the next byte in the publisher's stream. */
  #offset = 0;
  #state: 'header' | Exclude<Treatment, 'enter'> = 'header';
  /** The beginning of a header that is cut. */
  readonly #header = new Uint8Array(MAX_ELEMENT_HEADER);
  /** How much of a header has been taken whose element hasn't begun. */
  #headerLength = 0;
  /** The element in hand that isn't entered, and the offset of its end. */
  #current: number | undefined;
  #end = 0;
  #collected: GrowingBytes | undefined;

  constructor(visitor: ElementVisitor, work: WorkMeter) {
    this.#visitor = visitor;
    this.#work = work;
  }

  /** Bytes taken so far. */
  get offset(): number {
    return this.#offset;
  }

  /** Where the next byte stands; while an element begins, that is its first behind the header. */
  get place(): BytePlace {
    const around = this.#level?.path ?? '';
    return this.#current === undefined ? { offset: this.#offset, path: around } : new ElementPlace(this.#offset, around, this.#current);
  }

  /** The innermost element that has begun but isn't whole, other than one that is skipped, or whose children stand alone. */
  get unfinished(): string | undefined {
    if (this.#headerLength > 0) return 'inside the header of an element';
    const inside = this.#state === 'collect' || this.#state === 'stream' || this.#level?.id === ElementId.BlockGroup;
    return inside ? `inside "${this.place.path}"` : undefined;
  }

  /** Takes the next bytes, and returns how many: all, unless the work of a turn is over. */
  push(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && (at === 0 || !this.#work.over)) {
      at = this.#state === 'header' ? this.#readHeader(bytes, at) : this.#readHeld(bytes, at);
      this.#work.spend(Work.step);
    }
    return at;
  }

  /** An error where the walker is; an element's own if the visitor calls it from `begin`. */
  error(code: ErrorCode, message: string): MediaError {
    return new MediaError(code, message, { offset: this.#offset - this.#headerLength, path: this.place.path });
  }

  /** Takes at least one byte, from index `at` on, and gives the index of the next. */
  #readHeader(bytes: Uint8Array, at: number): number {
    if (this.#headerLength > 0) return this.#readCutHeader(bytes, at);
    const wanted = this.#wantedHeader(bytes, at);
    if (wanted > bytes.length - at) return this.#readCutHeader(bytes, at);
    this.#headerLength = wanted;
    this.#offset += wanted;
    this.#beginElement(bytes, at);
    return at + wanted;
  }

  /** A header that began in an earlier push, or ends in a later one. */
  #readCutHeader(bytes: Uint8Array, at: number): number {
    const wanted = this.#wantedHeader(this.#header.subarray(0, this.#headerLength), 0);
    const end = Math.min(at + wanted - this.#headerLength, bytes.length);
    this.#header.set(bytes.subarray(at, end), this.#headerLength);
    this.#headerLength += end - at;
    this.#offset += end - at;
    const gathered = this.#header.subarray(0, this.#headerLength);
    if (this.#headerLength === this.#wantedHeader(gathered, 0)) this.#beginElement(gathered, 0);
    return end;
  }

  /** How many bytes the header at `at` has, as far as can be told. */
  #wantedHeader(bytes: Uint8Array, at: number): number {
    const wanted = wantedHeaderBytes(bytes, at);
    if (wanted > MAX_ELEMENT_HEADER) throw this.error('malformed-media', 'Not an element: its ID is longer than 4 bytes, or its size than 8');
    return wanted;
  }

  /** The header that begins at `at` has been taken. */
  #beginElement(bytes: Uint8Array, at: number): void {
    const id = idAt(bytes, at);
    const sizeAt = at + vintLength(bytes[at] ?? 0);
    const size = vintAt(bytes, sizeAt, vintLength(bytes[sizeAt] ?? 0));
    if (!isExact(size)) {
      throw new MediaError('malformed-media', 'A number above 2^53', { offset: this.#offset - this.#headerLength + sizeAt - at, path: this.place.path });
    }
    this.#leaveUnknown(id);
    this.#current = id;
    this.#checkSize(id, size);
    const treatment = this.#visitor.begin(id, size, this.#level?.id);
    if (treatment !== 'skip') this.#work.spend(Work.element);
    this.#headerLength = 0;
    if (treatment === 'enter') this.#enter(id, size);
    else this.#hold(size, treatment);
    this.#leaveEnded();
  }

  /** Elements of unknown size end before what can't be in them. */
  #leaveUnknown(next: number): void {
    for (let level = this.#level; level && !level.sizeKnown && endsBefore(level.id, next); level = level.around) this.#leave(level);
  }

  #checkSize(id: number, size: number): void {
    if (size === Infinity) {
      if (id !== ElementId.Segment && id !== ElementId.Cluster) throw this.error('malformed-media', `"${elementName(id)}" of unknown size`);
      return;
    }
    const end = this.#offset + size;
    if (!Number.isSafeInteger(end)) throw this.error('malformed-media', `"${elementName(id)}" ends beyond byte 2^53`);
    if (end > this.#limit) throw this.error('malformed-media', `"${elementName(id)}" reaches past the end of its parent`);
  }

  #enter(id: number, size: number): void {
    const sizeKnown = size !== Infinity;
    const path = pathIn(this.#level?.path ?? '', id);
    this.#level = { id, path, end: sizeKnown ? this.#offset + size : this.#limit, sizeKnown, around: this.#level };
    this.#current = undefined;
  }

  /** Offset that no element may reach past. */
  get #limit(): number {
    return this.#level?.end ?? Infinity;
  }

  #hold(size: number, treatment: Exclude<Treatment, 'enter'>): void {
    this.#end = this.#offset + size;
    this.#state = treatment;
    if (treatment === 'collect') this.#collected = new GrowingBytes(size);
    if (size === 0) this.#endHeld();
  }

  /** Takes at least one byte of the element in hand, from index `at` on, and gives the index of the next. */
  #readHeld(bytes: Uint8Array, at: number): number {
    const to = Math.min(bytes.length, at + this.#end - this.#offset);
    if (this.#state === 'stream') this.#visitor.streamed(bytes, at, to);
    else if (this.#state === 'collect') this.#collected?.append(bytes.subarray(at, to));
    this.#offset += to - at;
    if (this.#offset === this.#end) {
      this.#endHeld();
      this.#leaveEnded();
    }
    return to;
  }

  #endHeld(): void {
    const id = this.#current ?? 0;
    const payload = this.#collected?.bytes;
    if (this.#state === 'stream') this.#visitor.end(id);
    if (payload) this.#visitor.collected(new Element(id, payload, { offset: this.#offset - payload.length, path: this.place.path }));
    this.#collected = undefined;
    this.#current = undefined;
    this.#state = 'header';
  }

  #leaveEnded(): void {
    for (let level = this.#level; level?.end === this.#offset; level = level.around) this.#leave(level);
  }

  #leave(level: Level): void {
    this.#visitor.end(level.id);
    this.#level = level.around;
  }
}

function pathIn(around: string, id: number): string {
  return around === '' ? elementName(id) : `${around}/${elementName(id)}`;
}
