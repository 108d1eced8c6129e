import { ByteReader } from '../byte-reader';
import { MediaError } from '../media-error';
import { boxName } from './box-header';
import { boxAt, boxOffset, boxPath, BoxScanner, type BoxRange } from './box-scanner';

/** Boxes around one another: many more than any muxer writes. Bounds the work that a few bytes can ask for. */
export const MAX_BOX_DEPTH = 16;
/** Boxes in one `moov`, at all depths together: many more than any muxer writes, metadata and 16 tracks included. */
export const MAX_BOXES = 8192;

/** How many boxes have been read of one outermost box. */
interface BoxCount {
  boxes: number;
}

/** One whole box in memory, of an init segment. Views share its bytes; nothing is copied. Fragments are read by a `BoxScanner`. */
export class Box {
  readonly type: string;
  /** The box with its header. */
  readonly bytes: Uint8Array;
  readonly headerSize: number;
  /** Of its first byte in the publisher's stream. */
  readonly offset: number;
  /** Path of box types, its own last. */
  readonly path: string;
  readonly #range: BoxRange;
  /** How many boxes it is in. */
  readonly #depth: number;
  readonly #count: BoxCount;
  /** What `children` has found. */
  #found: { readonly fields: number; readonly children: readonly Box[] } | undefined;

  private constructor(range: BoxRange, parent: Box | undefined) {
    this.type = boxName(range.type);
    this.bytes = range.source.bytes.subarray(range.start, range.end);
    this.headerSize = range.body - range.start;
    this.offset = boxOffset(range);
    this.path = boxPath(range);
    this.#range = range;
    this.#depth = parent ? parent.#depth + 1 : 0;
    this.#count = parent ? parent.#count : { boxes: 0 };
    if (parent && ++this.#count.boxes > MAX_BOXES) throw parent.malformed(`More than ${MAX_BOXES} boxes`);
    if (this.#depth >= MAX_BOX_DEPTH) throw this.malformed(`More than ${MAX_BOX_DEPTH} boxes in one another`);
  }

  /** The box that lies in `range`. */
  static in(range: BoxRange): Box {
    return new Box(range, undefined);
  }

  /** The box that `bytes` begin with, whose first stands at `offset` in the publisher's stream. @throws MediaError `malformed-media`. */
  static at(bytes: Uint8Array, offset: number): Box {
    return Box.in(boxAt({ bytes, origin: offset, path: '' }, 0));
  }

  /** How many boxes inside it, and the outermost box that it is in, have been read. */
  get inner(): number {
    return this.#count.boxes;
  }

  /** A reader of the payload. */
  reader(): ByteReader {
    return new ByteReader(this.bytes.subarray(this.headerSize), { offset: this.offset + this.headerSize, path: this.path });
  }

  /** Version, flags and a reader of what follows them, §4.2.2. */
  fullBox(): { version: number; flags: number; reader: ByteReader } {
    const reader = this.reader();
    return { version: reader.u8(), flags: reader.u24(), reader };
  }

  /** The boxes inside, after `fields` bytes of the box's own. They are read once, however often they are asked for. */
  children(fields = 0): readonly Box[] {
    if (this.#found?.fields === fields) return this.#found.children;
    const children: Box[] = [];
    const boxes = new BoxScanner(this.#range, fields);
    while (boxes.next()) children.push(new Box(boxes.range(), this));
    this.#found = { fields, children };
    return children;
  }

  /** The one child of `type` that must be there. */
  child(type: string, fields = 0): Box {
    const child = this.children(fields).find((box) => box.type === type);
    if (!child) throw this.malformed(`Box "${this.type}" has no "${type}"`);
    return child;
  }

  malformed(message: string): MediaError {
    return new MediaError('malformed-media', message, { offset: this.offset, path: this.path });
  }
}
