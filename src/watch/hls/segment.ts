/** An init segment under its own address, and what is said of the media behind it. */
export interface MediaInit {
  /** Counted in the timeline. */
  readonly number: number;
  readonly bytes: Uint8Array;
  /** RFC 6381, of each track once. */
  readonly codecs: readonly string[];
  readonly hasVideo: boolean;
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Where the publisher states it. */
  readonly frameRate: number | undefined;
}

/** A Partial Segment: whole chunks, by reference. */
export interface Part {
  /** Counted in the timeline, whatever segment it belongs to: so that the address of the next is known before it is cut. */
  readonly number: number;
  /** Seconds. */
  readonly duration: number;
  /** Whether its video begins with a keyframe. */
  readonly independent: boolean;
  /** Its bytes, one piece behind the other; shared, and never written to. */
  readonly pieces: readonly Uint8Array[];
  /** Bytes. */
  readonly size: number;
}

/** How a segment begins. */
export interface SegmentStart {
  /** Its Media Sequence Number. */
  readonly sequence: number;
  readonly init: MediaInit;
  /** Whether its times don't go on where the segment before ended, or its init segment is another. */
  readonly discontinuity: boolean;
  /** Its Discontinuity Sequence Number, RFC 8216bis §6.2.1. */
  readonly discontinuitySequence: number;
  /** The relay's Unix time in ms at which its first frame was captured, or failing that received. */
  readonly wall: number;
}

/** A Media Segment: the parts of it that are whole. */
export class Segment implements SegmentStart {
  readonly sequence: number;
  readonly init: MediaInit;
  readonly discontinuity: boolean;
  readonly discontinuitySequence: number;
  readonly wall: number;
  readonly #parts: Part[] = [];
  #duration = 0;
  #size = 0;

  constructor({ sequence, init, discontinuity, discontinuitySequence, wall }: SegmentStart) {
    this.sequence = sequence;
    this.init = init;
    this.discontinuity = discontinuity;
    this.discontinuitySequence = discontinuitySequence;
    this.wall = wall;
  }

  get parts(): readonly Part[] {
    return this.#parts;
  }

  /** Seconds: the sum of its parts. */
  get duration(): number {
    return this.#duration;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Whether it begins with a keyframe. */
  get independent(): boolean {
    return this.#parts[0]?.independent ?? false;
  }

  get pieces(): readonly Uint8Array[] {
    return this.#parts.flatMap(({ pieces }) => pieces);
  }

  add(part: Part): void {
    this.#parts.push(part);
    this.#duration += part.duration;
    this.#size += part.size;
  }
}
