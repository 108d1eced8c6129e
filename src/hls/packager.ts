import { Allowance } from '../base/allowance';
import type { Fragment, Merge } from './fragment';
import { HeldSegments } from './held-segments';
import { LeapLimit } from './leap-limit';
import { OpenPart } from './open-part';
import { ProgramClock } from './program-clock';
import { type MediaInit, type Part, Segment } from './segment';

/** How a timeline is cut and how much of it is retained. Seconds and bytes. */
export interface PackagerLimits {
  /** Media that is listed. */
  readonly listed: number;
  /** Media that is retained: a client that has read a playlist has time to fetch what it lists. */
  readonly held: number;
  /** Of everything that is retained: media whole or not, init segments, and the objects around them. */
  readonly maxBytes: number;
}

/** What a packager needs. */
export interface PackagerOptions {
  readonly start: TimelineStart;
  readonly limits: PackagerLimits;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Called whenever a playlist would be another. */
  readonly changed: () => void;
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
/** Seconds that a chunk counts at most. If it states more, what follows it begins a discontinuity: playlists can't wait for so long. */
const LONGEST_FRAGMENT = 60;
/** Such a share of all that may be retained is a part and a segment at most: a publisher's times may stand still. */
const LARGEST_SHARE = 1 / 4;
/** Seconds for which there may be one segment at most, on average. Only what leaps or is published anew has segments under 2 s. */
const SECONDS_A_SEGMENT = 1;
/** Parts that may be merged at once, and a second: twice those of live media, so that a publisher who sends faster can't make this cost much. */
const MERGED = { burst: 100, perSecond: 10 };
/** Seconds of a part of sound that reaches no further than the picture before it: players expect that a part lasts. */
const LEAST_PART = 0.001;
/** Less than any frame lasts, seconds: sums of durations aren't exact. */
const EPSILON = 1e-4;

/**
 * Cuts chunks into the parts and segments of Low-Latency HLS (RFC 8216bis). It copies no payload and waits for nothing: a part is
 * listed with its last chunk, and a segment is whole when the next begins. Chunks of single tracks are merged when their part is
 * whole.
 */
export class Packager {
  readonly id: string;
  readonly #limits: PackagerLimits;
  readonly #changed: () => void;
  readonly #leaps: LeapLimit;
  readonly #merged: Allowance;
  readonly #clock = new ProgramClock();
  readonly #segments = new HeldSegments();
  #open: Segment | undefined;
  #part = new OpenPart(1);
  #init: MediaInit | undefined;
  #merge: Merge = () => undefined;
  readonly #firstSequence: number;
  #sequence: number;
  #discontinuities = 0;
  #discontinuous = false;
  /** Where the media ends, seconds; undefined where it begins anew. */
  #end: number | undefined;
  #longestPart = PART_DURATION;
  #targetDuration = TARGET_DURATION;
  #ended = false;

  constructor({ start: { id, sequence }, limits, now, changed }: PackagerOptions) {
    this.id = id;
    this.#firstSequence = sequence;
    this.#sequence = sequence;
    this.#limits = limits;
    this.#changed = changed;
    this.#leaps = new LeapLimit(now);
    this.#merged = new Allowance(MERGED, { now });
  }

  /** The segments that are retained, oldest first, without the one that isn't whole. */
  get segments(): readonly Segment[] {
    return this.#segments.all;
  }

  /** Bytes that everything takes up that is retained: never more than `maxBytes`, or half of it, a chunk and an init segment if that is more. */
  get memory(): number {
    return this.#segments.memory + this.#unfinished;
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

  /** Media Sequence Number of the first segment that there was. */
  get start(): number {
    return this.#firstSequence;
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
    const all = this.#segments.all;
    const most = this.#limits.listed / SECONDS_A_SEGMENT;
    let duration = 0;
    let from = all.length;
    while (from > 0 && duration < this.#limits.listed && all.length - from < most) {
      from--;
      duration += all[from]?.duration ?? 0;
    }
    return all.slice(from);
  }

  /** Whether the media can't go on well without a keyframe. */
  get wantsKeyframe(): boolean {
    if (this.#ended || this.#init === undefined) return false;
    return this.#open === undefined || this.#open.duration + this.#part.duration >= KEYFRAME_WANTED;
  }

  /** An epoch begins, whose fragments `merge` can merge. */
  begin(init: MediaInit, merge: Merge = () => undefined): void {
    this.#break();
    this.#init = init;
    this.#merge = merge;
    this.#evict();
  }

  add(fragment: Fragment): void {
    if (this.#ended || this.#init === undefined) return;
    // Parts of sound that has come since the picture stopped are as long as others, and not one of more than the PART-TARGET.
    if (fragment.bridge !== undefined) for (const sound of this.#part.takeTrailing()) this.#lead(sound, this.#init);
    if (fragment.leads) this.#lead(fragment, this.#init);
    // Sound before the first picture is of no use.
    else if (this.#open !== undefined) this.#part.append(fragment);
    if (this.#part.memory >= this.#limits.maxBytes * LARGEST_SHARE) this.#boundPart();
    this.#evict();
  }

  /** Nothing more comes. May be called twice. */
  end(): void {
    if (this.#ended) return;
    this.#endWithSound();
    this.#cut();
    this.#ended = true;
    this.#takePart((part) => part.abandon());
    this.#changed();
  }

  /** The segment of that number, if it is whole and retained. */
  segment(sequence: number): Segment | undefined {
    const all = this.#segments.all;
    return all[sequence - (all[0]?.sequence ?? 0)];
  }

  /** The part of that number, if it is whole and retained. */
  part(number: number): Part | undefined {
    for (const segment of this.#open === undefined ? this.#segments.all : [...this.#segments.all, this.#open]) {
      const first = segment.parts[0]?.number;
      const last = segment.parts[segment.parts.length - 1]?.number;
      if (first !== undefined && last !== undefined && number >= first && number <= last) return segment.parts[number - first];
    }
    return undefined;
  }

  /** The init segment of that number, if anything retained needs it. */
  initOf(number: number): MediaInit | undefined {
    if (this.#init?.number === number) return this.#init;
    return this.#segments.all.find(({ init }) => init.number === number)?.init;
  }

  #lead(given: Fragment, init: MediaInit): void {
    const fragment = this.#placed(given);
    if (this.#leapsTo(fragment)) this.#break();
    const end = Math.min(fragment.end, fragment.start + LONGEST_FRAGMENT);
    const duration = Math.max(0, end - (this.#end ?? fragment.start));
    if (this.#mustCut(fragment, duration)) this.#cut();
    this.#clock.see(fragment.start, fragment.wall);
    if (this.#open === undefined) {
      // After a break nobody could decode what comes before a keyframe.
      if (this.#end === undefined && !(fragment.joinable && this.#leaps.take())) return;
      this.#open = this.#beginSegment(fragment, init);
    }
    this.#end = end;
    this.#targetDuration = Math.max(this.#targetDuration, Math.round(duration));
    this.#part.extend(fragment, duration);
    if (this.#part.duration >= PART_DURATION - EPSILON) this.#closePart();
  }

  /** What stands in for a picture lies where the sound is: it may begin where the picture stopped. */
  #placed(fragment: Fragment): Fragment {
    const end = this.#end;
    if (fragment.bridge !== 'picture' || end === undefined) return fragment;
    return { ...fragment, start: end, end, wall: this.#clock.wallOf(end) };
  }

  #leapsTo({ start }: Fragment): boolean {
    if (this.#end === undefined) return false;
    return start - this.#end > LEAP.forwards || this.#end - start > LEAP.backwards;
  }

  #mustCut({ joinable }: Fragment, duration: number): boolean {
    const open = this.#open;
    if (open === undefined) return false;
    const length = open.duration + this.#part.duration;
    const begunWithKeyframe = open.parts.length === 0 ? this.#part.independent : open.independent;
    if (joinable && (length >= LEAST_SEGMENT - EPSILON || !begunWithKeyframe)) return true;
    if (open.memory + this.#part.memory >= this.#limits.maxBytes * LARGEST_SHARE) return true;
    return length > 0 && length + duration > TARGET_DURATION + EPSILON;
  }

  #beginSegment({ start }: Fragment, init: MediaInit): Segment {
    const discontinuity = this.#discontinuous;
    this.#discontinuous = false;
    if (discontinuity) this.#discontinuities++;
    return new Segment({ sequence: this.#sequence, init, discontinuity, discontinuitySequence: this.#discontinuities, wall: this.#clock.wallOf(start) });
  }

  #closePart(): void {
    const part = this.#takePart((open) => open.close((fragments) => (this.#merged.afford(1) ? this.#merge(fragments) : undefined)));
    this.#open?.add(part);
    this.#longestPart = Math.max(this.#longestPart, part.duration);
    this.#changed();
  }

  /** A part that has become too large ends. One of sound alone can't: its picture has stopped, and will begin anew if it comes back. */
  #boundPart(): void {
    if (this.#part.begun) this.#closePart();
    else this.#break();
  }

  /** Ends the segment. Sound that has come since its last part belongs to the next: the part that was promised goes on there. */
  #cut(): void {
    if (this.#part.begun) this.#closePart();
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || open.parts.length === 0) return;
    this.#segments.add(open);
    this.#sequence++;
    this.#changed();
  }

  /** Sound that came after the last picture belongs to the last segment, unless the picture has stopped long ago. */
  #endWithSound(): void {
    const { soundEnd } = this.#part;
    if (this.#open === undefined || this.#end === undefined || this.#part.begun || soundEnd === -Infinity) return;
    const duration = Math.max(LEAST_PART, soundEnd - this.#end);
    if (this.#open.duration + duration <= TARGET_DURATION + EPSILON) this.#part.endWithSound(duration);
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

  /** What isn't part of a whole segment takes up so many bytes: the newest init segment, unless a whole one has it, the open segment and the open part. */
  get #unfinished(): number {
    const init = this.#init === undefined || this.#init === this.#segments.newest?.init ? 0 : this.#init.bytes.length;
    return init + (this.#open?.memory ?? 0) + this.#part.memory;
  }

  #evict(): void {
    const { held, maxBytes } = this.#limits;
    const evicted = this.#segments.trim({ duration: held, bytes: maxBytes - this.#unfinished, count: held / SECONDS_A_SEGMENT });
    if (evicted) this.#changed();
  }
}
