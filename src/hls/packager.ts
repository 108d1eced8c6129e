import { Allowance } from '../base/allowance';
import type { Fragment, Merge } from './fragment';
import { HeldSegments } from './held-segments';
import { LeapLimit } from './leap-limit';
import { OpenPart } from './open-part';
import { ProgramClock } from './program-clock';
import { type MediaInit, Segment } from './segment';
import type { TimelineState } from './timeline-state';

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
  /** Takes each state of the timeline. It is called last, when the packager is done with what has changed it. */
  readonly moved: (state: TimelineState) => void;
}

/** Where a timeline begins. */
export interface TimelineStart {
  /** Part of the addresses of all of its media, so that they are never those of another. */
  readonly id: string;
  /** Of the first segment. */
  readonly sequence: number;
}

/** Seconds that a part lasts at least, unless a segment ends with it. */
const PART_DURATION = 0.2;
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
 * Cuts chunks into the parts and segments of Low-Latency HLS (RFC 8216bis), and says what the timeline is like whenever that changes it.
 * It copies no payload and waits for nothing: a part is listed with its last chunk, and a segment is whole when the next begins. Chunks
 * of single tracks are merged when their part is whole.
 */
export class Packager {
  readonly #start: TimelineStart;
  readonly #limits: PackagerLimits;
  readonly #moved: (state: TimelineState) => void;
  readonly #leaps: LeapLimit;
  readonly #merged: Allowance;
  readonly #clock = new ProgramClock();
  readonly #segments = new HeldSegments();
  #open: Segment | undefined;
  #part = new OpenPart(1);
  #init: MediaInit | undefined;
  #merge: Merge = () => undefined;
  #sequence: number;
  #discontinuities = 0;
  #discontinuous = false;
  /** Where the media ends, seconds; undefined where it begins anew. */
  #end: number | undefined;
  #longestPart = PART_DURATION;
  #targetDuration = TARGET_DURATION;
  #ended = false;
  #state: TimelineState;
  /** Whether that is no longer what the timeline is like. */
  #changed = false;

  constructor({ start, limits, now, moved }: PackagerOptions) {
    this.#start = start;
    this.#sequence = start.sequence;
    this.#limits = limits;
    this.#moved = moved;
    this.#leaps = new LeapLimit(now);
    this.#merged = new Allowance(MERGED, { now });
    this.#state = this.#describe(0);
  }

  /** The timeline as it is now. */
  get state(): TimelineState {
    return this.#state;
  }

  /** Bytes that everything takes up that is retained: never more than `maxBytes`, or half of it, a chunk and an init segment if that is more. */
  get memory(): number {
    return this.#segments.memory + this.#unfinished;
  }

  /** Whether the media can't go on well without a keyframe. */
  get wantsKeyframe(): boolean {
    if (this.#ended || this.#init === undefined) return false;
    return this.#open === undefined || this.#open.duration + this.#part.duration >= KEYFRAME_WANTED;
  }

  /** An epoch begins, whose fragments `merge` can merge. */
  begin(init: MediaInit, merge: Merge = () => undefined): void {
    this.#change(() => {
      this.#break();
      this.#init = init;
      this.#merge = merge;
      this.#changed = true;
      this.#evict();
    });
  }

  add(fragment: Fragment): void {
    const init = this.#init;
    if (!this.#ended && init !== undefined) this.#change(() => this.#add(fragment, init));
  }

  /** Nothing more comes. May be called twice. */
  end(): void {
    if (this.#ended) return;
    this.#change(() => {
      this.#endWithSound();
      this.#cut();
      this.#ended = true;
      this.#takePart();
    });
  }

  /** Changes the timeline, and says what it is like then, also where that broke off. */
  #change(run: () => void): void {
    try {
      run();
    } finally {
      if (this.#changed) {
        this.#changed = false;
        this.#state = this.#describe(this.#state.revision + 1);
        this.#moved(this.#state);
      }
    }
  }

  #describe(revision: number): TimelineState {
    return {
      id: this.#start.id,
      revision,
      start: this.#start.sequence,
      init: this.#init,
      segments: [...this.#segments.all],
      listed: this.#listed,
      window: this.#limits.listed,
      open: this.#open,
      sequence: this.#sequence,
      nextPart: this.#ended ? undefined : this.#part.number,
      partTarget: Math.ceil(this.#longestPart * 1000 - EPSILON * 1000) / 1000,
      targetDuration: this.#targetDuration,
      ended: this.#ended,
    };
  }

  /** The newest of the whole segments, as many as are listed. */
  get #listed(): readonly Segment[] {
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

  #add(fragment: Fragment, init: MediaInit): void {
    // Parts of sound that has come since the picture stopped are as long as others, and not one of more than the PART-TARGET.
    if (fragment.bridge !== undefined) for (const sound of this.#part.takeTrailing()) this.#lead(sound, init);
    if (fragment.leads) this.#lead(fragment, init);
    // Sound before the first picture is of no use.
    else if (this.#open !== undefined) this.#part.append(fragment);
    if (this.#part.memory >= this.#limits.maxBytes * LARGEST_SHARE) this.#boundPart();
    this.#evict();
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
    const part = this.#takePart().close((fragments) => (this.#merged.afford(1) ? this.#merge(fragments) : undefined));
    this.#open = this.#open?.with(part);
    this.#longestPart = Math.max(this.#longestPart, part.duration);
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
    this.#changed = true;
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
    if (this.#init !== undefined) this.#takePart();
    this.#discontinuous = this.#sequence > this.#start.sequence;
    this.#end = undefined;
    this.#clock.reset();
  }

  /** The part that was to come next: another does now. */
  #takePart(): OpenPart {
    const part = this.#part;
    this.#part = new OpenPart(part.number + 1);
    this.#changed = true;
    return part;
  }

  /** What isn't part of a whole segment takes up so many bytes: the newest init segment, unless a whole one has it, the open segment and the open part. */
  get #unfinished(): number {
    const init = this.#init === undefined || this.#init === this.#segments.newest?.init ? 0 : this.#init.bytes.length;
    return init + (this.#open?.memory ?? 0) + this.#part.memory;
  }

  #evict(): void {
    const { held, maxBytes } = this.#limits;
    const evicted = this.#segments.trim({ duration: held, bytes: maxBytes - this.#unfinished, count: held / SECONDS_A_SEGMENT });
    if (evicted) this.#changed = true;
  }
}
