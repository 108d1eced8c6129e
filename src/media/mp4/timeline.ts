import type { Chunk, TrackSpan } from '../chunk';
import type { Mp4Init } from './init-segment';
import { beginsWithSync, leadingFragment, type TrackFragment } from './movie-fragment';

/** Where a track is: the end of its last sample, and that sample's duration, in ticks; undefined before the first. */
interface TrackClock {
  end: number | undefined;
  sampleDuration: number | undefined;
  /** Ticks that 32-bit times have wrapped by. */
  wrapped: number;
}

/** Where a fragment lies, in ticks. */
export interface Placement {
  readonly time: number;
  /** Duration of its last sample, and of every one if none is stated. */
  readonly lastDuration: number;
  /** Whether that duration is a guess. */
  readonly estimated: boolean;
}

/** Seconds that the last sample counts until the track has shown a duration: a frame of 30 a second, and an AAC packet at 48 kHz. */
const FIRST_GUESS = { video: 1 / 30, audio: 1024 / 48_000 };
/** A step of more samples than this is a gap. */
const STEP = 1.5;

/** A 32-bit time begins anew after this many ticks: at 90,000 a second, in 13 hours. */
const WRAP = 2 ** 32;
/** Seconds from the end of its track within which a 32-bit time must lie, if taken as wrapped, to have wrapped. */
const WRAP_REACH = 10;

/** Follows the decode times of the tracks of one init segment, and describes its chunks. */
export class Timeline {
  readonly #clocks = new Map<number, TrackClock>();
  readonly #hasVideo: boolean;

  constructor({ segment }: Mp4Init) {
    this.#hasVideo = segment.tracks.some((track) => track.kind === 'video');
  }

  /**
   * Where a fragment lies: as stated, else where its track was.
   *
   * Where ffmpeg (5.1, `-c copy` with `+frag_every_frame`) has two packets of a track in a row, it gives the first one the time of
   * the second and no duration. So a sample without a duration that begins one step late lies in that step.
   * @throws MediaError `malformed-media` if it ends beyond 2^53.
   */
  place(fragment: TrackFragment): Placement {
    const placement = this.#place(fragment);
    if (Number.isSafeInteger(placement.time + durationAt(fragment, placement))) return placement;
    throw fragment.box.malformed('A time above 2^53');
  }

  #place(fragment: TrackFragment): Placement {
    const clock = this.#clockOf(fragment.track.id);
    const { end, sampleDuration } = clock;
    const time = this.#timeOf(fragment, clock);
    if (fragment.guess !== undefined) return { time, lastDuration: fragment.guess, estimated: true };
    if (fragment.lastPacket !== undefined) return { time, lastDuration: fragment.lastPacket, estimated: false };
    const stated = lastDuration(fragment);
    if (stated > 0) return { time, lastDuration: stated, estimated: false };
    const guess = sampleDuration ?? Math.max(1, Math.round(FIRST_GUESS[fragment.track.kind] * fragment.track.timescale));
    const late = time - (end ?? time);
    if (late > 0 && late <= guess * STEP && isSingle(fragment)) return { time: time - late, lastDuration: late, estimated: false };
    return { time, lastDuration: guess, estimated: true };
  }

  /**
   * The time that a fragment states, in more than 32 bits.
   *
   * A 32-bit time has wrapped if 2^32 ticks more bring it near the end of its track, and goes on from there. A time that goes on after
   * a wrap, however far, is one of the same turn. Any other is a jump, and means what it says: so that after a publisher's
   * fresh start the tracks are in step, whichever of them had wrapped.
   */
  #timeOf({ track, time, narrowTime }: TrackFragment, clock: TrackClock): number {
    const { end, wrapped } = clock;
    if (time === undefined) return end ?? 0;
    if (!narrowTime || end === undefined) return time;
    const reach = Math.min(WRAP_REACH * track.timescale, WRAP / 4);
    const near = [wrapped, wrapped + WRAP, wrapped - WRAP].find((ticks) => ticks >= 0 && Math.abs(time + ticks - end) <= reach);
    clock.wrapped = near ?? (time + wrapped > end ? wrapped : 0);
    return time + clock.wrapped;
  }

  /**
   * Describes a chunk that holds `fragments`, and goes on to its end.
   * `guessed` are the tracks whose last duration was written by Sluice and is a guess.
   */
  describe(bytes: Uint8Array, fragments: readonly TrackFragment[], guessed: ReadonlySet<number> = new Set()): Chunk {
    const lead = leadingFragment(fragments);
    const spans = fragments.map((fragment) => this.#advance(fragment, guessed));
    const span = spans.find(({ trackId }) => trackId === lead?.track.id);
    const timescale = lead?.track.timescale ?? 1;
    const time = span?.time ?? 0;
    const hasVideo = lead?.track.kind === 'video';
    const joinable = !this.#hasVideo || (hasVideo && beginsWithSync(lead));
    return { bytes, joinable, hasVideo, start: time / timescale, end: (time + (span?.duration ?? 0)) / timescale, spans };
  }

  #advance(fragment: TrackFragment, guessed: ReadonlySet<number>): TrackSpan {
    const { id } = fragment.track;
    const clock = this.#clockOf(id);
    const placement = this.place(fragment);
    const estimated = placement.estimated || guessed.has(id);
    if (!estimated) clock.sampleDuration = placement.lastDuration;
    const duration = durationAt(fragment, placement);
    clock.end = placement.time + duration;
    return { trackId: id, time: placement.time, duration, estimated };
  }

  #clockOf(id: number): TrackClock {
    const clock = this.#clocks.get(id) ?? { end: undefined, sampleDuration: undefined, wrapped: 0 };
    this.#clocks.set(id, clock);
    return clock;
  }
}

/** What the last sample of a fragment is said to last, ticks; 0 if it isn't said. */
export function lastDuration({ runs }: TrackFragment): number {
  const run = runs.at(-1)?.run;
  return run?.sampleDuration(run.count - 1) ?? 0;
}

/** Whether no sample's duration is stated. */
export function isTimeless(fragment: TrackFragment): boolean {
  return statedDuration(fragment) === 0;
}

/** How long a fragment lasts, ticks. */
function durationAt(fragment: TrackFragment, { lastDuration: guess }: Placement): number {
  if (fragment.guess !== undefined) return fragment.guess;
  if (fragment.lastPacket !== undefined) return statedDuration(fragment) - lastDuration(fragment) + fragment.lastPacket;
  if (lastDuration(fragment) > 0) return statedDuration(fragment);
  return isTimeless(fragment) ? guess * sampleCount(fragment) : statedDuration(fragment) + guess;
}

function isSingle(fragment: TrackFragment): boolean {
  return sampleCount(fragment) === 1;
}

function sampleCount({ runs }: TrackFragment): number {
  return runs.reduce((sum, { run }) => sum + run.count, 0);
}

function statedDuration({ runs }: TrackFragment): number {
  return runs.reduce((sum, { run }) => sum + run.duration, 0);
}
