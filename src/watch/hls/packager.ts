import { OpenPart } from './open-part';
import { ProgramClock } from './program-clock';
import { type MediaInit, type Part, Segment } from './segment';

/** A chunk, as fragmented MP4 has it. */
export interface Fragment {
  /** A `moof` and its `mdat`, in pieces. */
  readonly pieces: readonly Uint8Array[];
  /** Seconds: of its video if it has some, else of its sound. */
  readonly start: number;
  readonly end: number;
  /** Whether a decoder can start here. */
  readonly joinable: boolean;
  /** Whether it decides where parts and segments end: it has video, or the stream has none. */
  readonly leads: boolean;
  /** The relay's Unix time in ms at which `start` was captured, or failing that received. */
  readonly wall: number;
}

/** How a timeline is cut and how much of it is kept. Seconds and bytes. */
export interface PackagerLimits {
  /** Media that is listed. */
  readonly listed: number;
  /** Media that is held: whoever has read a playlist has time to fetch what it lists. */
  readonly held: number;
  /** Of all media that is held. */
  readonly maxBytes: number;
}

/** Where a timeline begins. */
export interface TimelineStart {
  /** Part of the addresses of all of its media, so that they are never those of another. */
  readonly id: string;
  /** Of the first segment. */
  readonly sequence: number;
}

/** Seconds that a part lasts at least, unless a segment ends with it. */
export const PART_DURATION = 0.2;
/** Seconds after which a segment ends before the next keyframe. */
const LEAST_SEGMENT = 2;
/** Seconds that a segment lasts at most, unless a single chunk is longer. */
export const TARGET_DURATION = 4;
/** Seconds of a segment without a keyframe after which the publisher is asked for one. */
const KEYFRAME_WANTED = 3;
/** A step of more seconds than this, forwards and backwards, is a discontinuity. */
const LEAP = { forwards: TARGET_DURATION, backwards: 0.5 };
/** A publisher's times may stand still: then so many bytes are a part. */
const MAX_PART_BYTES = 8 << 20;
/** And such a share of all that may be held is a segment. */
const LARGEST_SHARE = 1 / 4;
/** Less than any frame lasts, seconds: sums of durations aren't exact. */
const EPSILON = 1e-4;

/**
 * Cuts chunks into the parts and segments of Low-Latency HLS (RFC 8216bis). It copies nothing and waits for nothing: a part is
 * listed with its last chunk, and a segment is whole when the next begins.
 */
export class Packager {
  readonly id: string;
  readonly #limits: PackagerLimits;
  readonly #changed: () => void;
  readonly #clock = new ProgramClock();
  /** Whole ones, oldest first. */
  readonly #segments: Segment[] = [];
  #bytes = 0;
  #open: Segment | undefined;
  #part = new OpenPart(1);
  #init: MediaInit | undefined;
  readonly #firstSequence: number;
  #sequence: number;
  #discontinuities = 0;
  #discontinuous = false;
  /** Where the media ends, seconds; undefined where it begins anew. */
  #end: number | undefined;
  #longestPart = PART_DURATION;
  #targetDuration = TARGET_DURATION;
  #ended = false;

  /** `changed` is called whenever a playlist would be another. */
  constructor({ id, sequence }: TimelineStart, limits: PackagerLimits, changed: () => void) {
    this.id = id;
    this.#firstSequence = sequence;
    this.#sequence = sequence;
    this.#limits = limits;
    this.#changed = changed;
  }

  /** The segments that are held, oldest first, without the one that isn't whole. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment whose parts are coming, once it has begun. */
  get open(): Segment | undefined {
    return this.#open;
  }

  /** The part that comes next; nothing after the end. */
  get nextPart(): OpenPart | undefined {
    return this.#ended ? undefined : this.#part;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Media Sequence Number of the segment that isn't whole. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The newest init segment. */
  get init(): MediaInit | undefined {
    return this.#init;
  }

  /** Seconds that no part exceeds, in whole milliseconds. */
  get partTarget(): number {
    return Math.ceil(this.#longestPart * 1000 - EPSILON * 1000) / 1000;
  }

  /** Seconds that no segment exceeds when rounded: the same for good, unless a single chunk is longer. */
  get targetDuration(): number {
    return this.#targetDuration;
  }

  /** The newest of the whole segments, as many as are listed. */
  get listed(): readonly Segment[] {
    let duration = 0;
    let from = this.#segments.length;
    while (from > 0 && duration < this.#limits.listed) {
      from--;
      duration += this.#segments[from]?.duration ?? 0;
    }
    return this.#segments.slice(from);
  }

  /** Whether the media can't go on well without a keyframe. */
  get wantsKeyframe(): boolean {
    if (this.#ended || this.#init === undefined) return false;
    return this.#open === undefined || this.#open.duration + this.#part.duration >= KEYFRAME_WANTED;
  }

  /** An epoch begins. */
  begin(init: MediaInit): void {
    this.#break();
    this.#init = init;
  }

  add(fragment: Fragment): void {
    if (this.#ended || this.#init === undefined) return;
    if (fragment.leads) this.#lead(fragment, this.#init);
    // Sound before the first picture is of no use.
    else if (this.#open !== undefined) this.#part.append(fragment.pieces);
    if (this.#part.size >= MAX_PART_BYTES && this.#part.begun) this.#closePart();
  }

  /** Nothing more comes. May be called twice. */
  end(): void {
    if (this.#ended) return;
    this.#cut();
    this.#ended = true;
    this.#part.abandon();
    this.#changed();
  }

  /** The segment of that number, if it is whole and held. */
  segment(sequence: number): Segment | undefined {
    return this.#segments[sequence - (this.#segments[0]?.sequence ?? 0)];
  }

  /** The part of that number, if it is whole and held. */
  part(number: number): Part | undefined {
    for (const segment of this.#open === undefined ? this.#segments : [...this.#segments, this.#open]) {
      const first = segment.parts[0]?.number;
      const last = segment.parts[segment.parts.length - 1]?.number;
      if (first !== undefined && last !== undefined && number >= first && number <= last) return segment.parts[number - first];
    }
    return undefined;
  }

  /** The init segment of that number, if anything held needs it. */
  initOf(number: number): MediaInit | undefined {
    if (this.#init?.number === number) return this.#init;
    return this.#segments.find(({ init }) => init.number === number)?.init;
  }

  #lead(fragment: Fragment, init: MediaInit): void {
    if (this.#leaps(fragment)) this.#break();
    const duration = Math.max(0, fragment.end - (this.#end ?? fragment.start));
    if (this.#mustCut(fragment, duration)) this.#cut();
    this.#clock.see(fragment.start, fragment.wall);
    if (this.#open === undefined) {
      // Behind a break nobody could decode what comes before a keyframe.
      if (this.#end === undefined && !fragment.joinable) return;
      this.#open = this.#beginSegment(fragment, init);
    }
    this.#end = fragment.end;
    this.#targetDuration = Math.max(this.#targetDuration, Math.round(duration));
    this.#part.extend(fragment.pieces, { duration, joinable: fragment.joinable });
    if (this.#part.duration >= PART_DURATION - EPSILON) this.#closePart();
  }

  #leaps({ start }: Fragment): boolean {
    if (this.#end === undefined) return false;
    return start - this.#end > LEAP.forwards || this.#end - start > LEAP.backwards;
  }

  #mustCut({ joinable }: Fragment, duration: number): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const length = open.duration + this.#part.duration;
    const begunWithKeyframe = open.parts.length === 0 ? this.#part.independent : open.independent;
    if (joinable && (length >= LEAST_SEGMENT - EPSILON || !begunWithKeyframe)) return true;
    if (open.size >= this.#limits.maxBytes * LARGEST_SHARE) return true;
    return length > 0 && length + duration > TARGET_DURATION + EPSILON;
  }

  #beginSegment({ start }: Fragment, init: MediaInit): Segment {
    const discontinuity = this.#discontinuous;
    this.#discontinuous = false;
    if (discontinuity) this.#discontinuities++;
    return new Segment({ sequence: this.#sequence, init, discontinuity, discontinuitySequence: this.#discontinuities, wall: this.#clock.wallOf(start) });
  }

  #closePart(): void {
    const part = this.#takePart((open) => open.close());
    this.#open?.add(part);
    this.#bytes += part.size;
    this.#longestPart = Math.max(this.#longestPart, part.duration);
    this.#evict();
    this.#changed();
  }

  /** Ends the segment. Sound that has come since its last part belongs to the next: the part that was promised goes on there. */
  #cut(): void {
    if (this.#part.begun) this.#closePart();
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.parts.length === 0) return;
    this.#segments.push(open);
    this.#sequence++;
    this.#evict();
    this.#changed();
  }

  /** What comes has nothing to do with what came: what was promised of the old doesn't come. */
  #break(): void {
    this.#cut();
    if (this.#init !== undefined) this.#takePart((part) => part.abandon());
    this.#discontinuous = this.#sequence > this.#firstSequence;
    this.#end = undefined;
    this.#clock.reset();
  }

  #takePart<Result>(finish: (part: OpenPart) => Result): Result {
    const part = this.#part;
    this.#part = new OpenPart(part.number + 1);
    return finish(part);
  }

  #evict(): void {
    let rest = this.#segments.reduce((sum, { duration }) => sum + duration, 0);
    for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
      rest -= oldest.duration;
      if (rest < this.#limits.held && this.#bytes <= this.#limits.maxBytes) return;
      this.#segments.shift();
      this.#bytes -= oldest.size;
    }
  }
}
