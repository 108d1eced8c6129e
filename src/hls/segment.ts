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

/**
 * What objects take up beside the bytes of media: for each piece its view and, where it was made for this, its buffer; the part with
 * its list; the segment. Rounded up from what Node 20 takes, so that bounds in bytes hold for media of very small pieces, too.
 */
export const OVERHEAD = { piece: 256, part: 512, segment: 1024 } as const;

/** A Partial Segment: whole chunks, by reference. */
export interface Part {
  /** Counted in the timeline, whatever segment it belongs to: so that the address of the next is known before it is cut. */
  readonly number: number;
  /** Seconds. */
  readonly duration: number;
  /** Whether its video begins with a keyframe. */
  readonly independent: boolean;
  /** Its bytes, one piece after the other; shared, and never written to. */
  readonly pieces: readonly Uint8Array[];
  /** Bytes of media. */
  readonly size: number;
  /** Bytes that it takes up: its media and the objects around it. */
  readonly memory: number;
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

/** A Media Segment: the parts of it that are whole. It never changes: one more part makes another of it. */
export class Segment implements SegmentStart {
  readonly sequence: number;
  readonly init: MediaInit;
  readonly discontinuity: boolean;
  readonly discontinuitySequence: number;
  readonly wall: number;
  readonly parts: readonly Part[];
  /** Bytes of media. */
  readonly size: number;
  /** Bytes that it takes up, without its init segment. */
  readonly memory: number;
  readonly #duration: number;

  constructor({ sequence, init, discontinuity, discontinuitySequence, wall }: SegmentStart, parts: readonly Part[] = []) {
    this.sequence = sequence;
    this.init = init;
    this.discontinuity = discontinuity;
    this.discontinuitySequence = discontinuitySequence;
    this.wall = wall;
    this.parts = parts;
    this.size = sum(parts, ({ size }) => size);
    this.memory = OVERHEAD.segment + sum(parts, ({ memory }) => memory);
    this.#duration = sum(parts, ({ duration }) => duration);
  }

  /** Seconds: the sum of its parts. */
  get duration(): number {
    return this.#duration;
  }

  /** Whether it begins with a keyframe. */
  get independent(): boolean {
    return this.parts[0]?.independent ?? false;
  }

  get pieces(): readonly Uint8Array[] {
    return this.parts.flatMap(({ pieces }) => pieces);
  }

  /** The same with one more part. */
  with(part: Part): Segment {
    return new Segment(this, [...this.parts, part]);
  }
}

function sum(parts: readonly Part[], of: (part: Part) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}
