import { ByteReader } from '../byte-reader';
import { MediaError } from '../media-error';

/** Size and type of a box, ISO/IEC 14496-12 §4.2. */
export interface BoxHeader {
  readonly type: string;
  /** Of the whole box with its header; `Infinity` if it goes on to the end (size field 0). */
  readonly size: number;
  /** 8, or 16 with a 64-bit size. */
  readonly headerSize: number;
}

/** Bytes of the longest box header. */
export const MAX_BOX_HEADER = 16;

/** Reads a box header from the beginning of `bytes`, or nothing if they are too few. */
export function readBoxHeader(bytes: Uint8Array, offset: number, path = ''): BoxHeader | undefined {
  if (bytes.length < 8) return undefined;
  const reader = new ByteReader(bytes, { offset, path });
  const small = reader.u32();
  const type = reader.fourCC();
  if (!isBoxType(bytes)) throw reader.error('Not a box: its type is not four printable characters', 4);
  if (small === 0) return { type, size: Infinity, headerSize: 8 };
  if (small !== 1) return checkedSize({ type, size: small, headerSize: 8 }, reader);
  if (bytes.length < MAX_BOX_HEADER) return undefined;
  return checkedSize({ type, size: reader.u64(), headerSize: MAX_BOX_HEADER }, reader);
}

function checkedSize(header: BoxHeader, reader: ByteReader): BoxHeader {
  if (header.size < header.headerSize) throw reader.error(`Box "${header.type}" is smaller than its header`, 0);
  return header;
}

/** Whether the type in this header is of printable ASCII, or the "©" of QuickTime's metadata. */
function isBoxType(header: Uint8Array): boolean {
  for (let at = 4; at < 8; at++) {
    const byte = header[at] ?? 0;
    if ((byte < 0x20 || byte > 0x7e) && byte !== 0xa9) return false;
  }
  return true;
}

/** Boxes around one another, and boxes side by side in one: many more than any muxer writes. Bounds the work and the memory that a few bytes can ask for. */
export const MAX_BOX_DEPTH = 16;
export const MAX_CHILD_BOXES = 8192;

/** One whole box in memory. Views share its bytes; nothing is copied. */
export class Box {
  readonly type: string;
  /** The box with its header. */
  readonly bytes: Uint8Array;
  readonly headerSize: number;
  /** Of its first byte in the publisher's stream. */
  readonly offset: number;
  /** Path of box types, its own last. */
  readonly path: string;
  /** How many boxes it is in. */
  readonly #depth: number;

  private constructor(header: BoxHeader, bytes: Uint8Array, offset: number, parent: Box | undefined) {
    this.type = header.type;
    this.headerSize = header.headerSize;
    this.bytes = bytes;
    this.offset = offset;
    this.path = parent ? `${parent.path}/${header.type}` : header.type;
    this.#depth = parent ? parent.#depth + 1 : 0;
  }

  /** The box at the beginning of `bytes`, whose first byte stands at `offset` in the publisher's stream. */
  static at(bytes: Uint8Array, offset: number, parent?: Box): Box {
    const path = parent?.path ?? '';
    const header = readBoxHeader(bytes, offset, path);
    if (!header) throw new MediaError('malformed-media', 'A box header is cut off', { offset, path });
    // Only at top level may a box go on to the end, §4.2.
    if (header.size === Infinity) throw new MediaError('malformed-media', `Box "${header.type}" has no size`, { offset, path });
    if (header.size > bytes.length) {
      const message = `Box "${header.type}" of ${header.size} bytes is larger than the ${bytes.length} bytes around it`;
      throw new MediaError('malformed-media', message, { offset, path });
    }
    const box = new Box(header, bytes.subarray(0, header.size), offset, parent);
    if (box.#depth >= MAX_BOX_DEPTH) throw box.malformed(`More than ${MAX_BOX_DEPTH} boxes in one another`);
    return box;
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

  /** The boxes inside, behind `fields` bytes of the box's own. */
  children(fields = 0): Box[] {
    const children: Box[] = [];
    let at = this.headerSize + fields;
    if (at > this.bytes.length) throw this.malformed(`Box "${this.type}" is too small`);
    while (at < this.bytes.length) {
      // QuickTime ends some lists with four zero bytes.
      if (this.bytes.length - at < 8 && this.bytes.subarray(at).every((byte) => byte === 0)) break;
      if (children.length === MAX_CHILD_BOXES) throw this.malformed(`Box "${this.type}" has more than ${MAX_CHILD_BOXES} boxes`);
      const child = Box.at(this.bytes.subarray(at), this.offset + at, this);
      children.push(child);
      at += child.bytes.length;
    }
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
