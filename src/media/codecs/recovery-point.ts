/** Of an SEI message, ITU-T H.264 annex D.1. */
const RECOVERY_POINT = 6;
/** A payload type that is reserved: decoders pass over such messages. It needs no emulation prevention, wherever it stands. */
const RESERVED = 254;
/** Bytes of an SEI unit that are read: many more than encoders put before a recovery point. */
export const SEI_READ = 4096;

/**
 * Makes decoders pass over the recovery points in an SEI unit, which lies in `bytes` from `start` to before `end`, in place: no size changes.
 *
 * Chromium takes a picture with a recovery point for a keyframe, but begins to decode only at an IDR picture: whoever joins there fails.
 */
export function hideRecoveryPoints(bytes: Uint8Array, { start, end }: { start: number; end: number }): void {
  for (const place of recoveryPoints(bytes, { start, end })) bytes[place] = RESERVED;
}

/** A copy of an SEI unit of which decoders pass over the recovery points; the unit itself where it has none. */
export function withoutRecoveryPoints(unit: Uint8Array): Uint8Array {
  const range = { start: 0, end: unit.length };
  if (recoveryPoints(unit, range).length === 0) return unit;
  const copy = unit.slice();
  hideRecoveryPoints(copy, range);
  return copy;
}

/** Where the types of the messages stand that are recovery points: ITU-T H.264 §7.3.2.3.1. */
function recoveryPoints(bytes: Uint8Array, { start, end }: { start: number; end: number }): number[] {
  const reader = new SeiReader(bytes, start + 1, Math.min(end, start + SEI_READ));
  const places: number[] = [];
  while (!reader.isOver) {
    const type = reader.number();
    const place = reader.last;
    const size = reader.number();
    if (type === RECOVERY_POINT) places.push(place);
    reader.skip(size);
  }
  return places;
}

/** Reads the bytes of an SEI unit without those that prevent the emulation of start codes. What is past the end counts as 0. */
class SeiReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #zeros = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  /** Whether there is no whole message any more: the last byte is a stop bit. */
  get isOver(): boolean {
    return this.#at >= this.#end - 1;
  }

  /** Index of the byte that was read last. */
  get last(): number {
    return this.#at - 1;
  }

  /** A type or size, of which each byte of 255 is continued by the next. */
  number(): number {
    let value = 0;
    let byte = 255;
    while (byte === 255 && this.#at < this.#end) value += byte = this.#next();
    return value;
  }

  skip(count: number): void {
    for (let left = count; left > 0 && this.#at < this.#end; left--) this.#next();
  }

  #next(): number {
    if (this.#zeros >= 2 && this.#bytes[this.#at] === 3) {
      this.#at++;
      this.#zeros = 0;
    }
    const byte = this.#at < this.#end ? (this.#bytes[this.#at] ?? 0) : 0;
    this.#at++;
    this.#zeros = byte === 0 ? this.#zeros + 1 : 0;
    return byte;
  }
}
