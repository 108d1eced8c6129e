import { MAX_SECONDS } from '../../protocol/time-bounds';
import type { Chunk, MediaBytes, TrackSpan } from '../chunk';
import { MediaError } from '../media-error';
import type { Mp4Init } from './init-segment';
import type { TrackFragment } from './movie-fragment';

/** Where a track is: the end of its last sample, and that sample's duration, in ticks; undefined before the first. */
interface TrackClock {
  end: number | undefined;
  sampleDuration: number | undefined;
  /** The end of the last sample of which no duration was stated, though its packet has one. */
  unstatedEnd: number | undefined;
  /** Ticks that 32-bit times have wrapped by. */
  wrapped: number;
}

/** Where a fragment lies, in ticks. */
export interface Placement {
  readonly fragment: TrackFragment;
  readonly time: number;
  readonly duration: number;
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

const NO_TRACKS: ReadonlySet<number> = new Set();

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
   * Where ffmpeg (5.1, `+frag_every_frame` with `-c copy` or `-c:a libopus`) has two packets of a track in a row, it gives the first one the time of
   * the second and no duration. So a sample without a duration that begins one step late lies in that step.
   * With `-frag_duration 1` the second one gets the time of the first, and the durations of both: it begins where the first one ends.
   * @throws MediaError `malformed-media` if it ends after 2^53 ticks, or after `MAX_SECONDS`.
   */
  place(fragment: TrackFragment): Placement {
    const placement = this.#place(fragment);
    const end = placement.time + placement.duration;
    const isExact = Number.isSafeInteger(end);
    if (isExact && end / fragment.track.timescale <= MAX_SECONDS) return placement;
    const message = isExact ? `A time above ${MAX_SECONDS} s` : 'A time above 2^53';
    throw new MediaError('malformed-media', message, { offset: fragment.offset, path: 'moof/traf' });
  }

  #place(fragment: TrackFragment): Placement {
    const clock = this.#clockOf(fragment.track.id);
    const time = this.#timeOf(fragment, clock);
    const { guess, lastPacket, statedDuration } = fragment;
    if (guess !== undefined) return { fragment, time, duration: guess, lastDuration: guess, estimated: true };
    const usual = lastPacket ?? clock.sampleDuration ?? Math.max(1, Math.round(FIRST_GUESS[fragment.track.kind] * fragment.track.timescale));
    const late = time - (clock.end ?? time);
    if (fragment.lastDuration === 0 && late > 0 && late <= usual * STEP && fragment.sampleCount === 1) {
      return { fragment, time: time - late, duration: late, lastDuration: late, estimated: false };
    }
    if (late < 0 && clock.unstatedEnd === clock.end && -late < fragment.lastDuration && fragment.sampleCount === 1) {
      const duration = fragment.lastDuration + late;
      return { fragment, time: time - late, duration, lastDuration: duration, estimated: false };
    }
    if (lastPacket !== undefined) {
      const duration = statedDuration - fragment.lastDuration + lastPacket;
      if (fragment.lastDuration === 0) clock.unstatedEnd = time + duration;
      return { fragment, time, duration, lastDuration: lastPacket, estimated: false };
    }
    if (fragment.lastDuration > 0) return { fragment, time, duration: statedDuration, lastDuration: fragment.lastDuration, estimated: false };
    const duration = isTimeless(fragment) ? usual * fragment.sampleCount : statedDuration + usual;
    return { fragment, time, duration, lastDuration: usual, estimated: true };
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

  /** Describes a chunk that holds what lies there, and goes on to its end. `guesses` are the tracks whose last duration Sluice wrote, and is a guess. */
  describe(bytes: MediaBytes, placements: readonly Placement[], guesses: ReadonlySet<number> = NO_TRACKS): Chunk {
    const lead = leadingOf(placements);
    if (!lead) throw new RangeError('A chunk of no track');
    const spans: TrackSpan[] = [];
    for (const placement of placements) spans.push(this.#advance(placement, guesses));
    const { track, beginsWithSync } = lead.fragment;
    const hasVideo = track.kind === 'video';
    const joinable = !this.#hasVideo || (hasVideo && beginsWithSync);
    return { bytes, joinable, hasVideo, start: lead.time / track.timescale, end: (lead.time + lead.duration) / track.timescale, spans };
  }

  #advance({ fragment, time, duration, lastDuration, estimated: unstated }: Placement, guesses: ReadonlySet<number>): TrackSpan {
    const trackId = fragment.track.id;
    const clock = this.#clockOf(trackId);
    const estimated = unstated || guesses.has(trackId);
    if (!estimated) clock.sampleDuration = lastDuration;
    clock.end = time + duration;
    return { trackId, time, duration, estimated };
  }

  #clockOf(id: number): TrackClock {
    const known = this.#clocks.get(id);
    if (known) return known;
    const clock = { end: undefined, sampleDuration: undefined, unstatedEnd: undefined, wrapped: 0 };
    this.#clocks.set(id, clock);
    return clock;
  }
}

/** What decides on a chunk's times and on whether it can be joined: video if there is some. */
export function leadingOf(placements: readonly Placement[]): Placement | undefined {
  for (const placement of placements) if (placement.fragment.track.kind === 'video') return placement;
  return placements[0];
}

/** Whether no sample's duration is stated. */
export function isTimeless({ statedDuration }: TrackFragment): boolean {
  return statedDuration === 0;
}
