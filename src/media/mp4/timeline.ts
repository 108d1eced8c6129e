import type { Chunk, TrackSpan } from '../chunk';
import type { Mp4Init } from './init-segment';
import { beginsWithSync, leadingFragment, type TrackFragment } from './movie-fragment';

/** Where a track is: the end of its last sample, and that sample's duration, in ticks; undefined before the first. */
interface TrackClock {
  end: number | undefined;
  sampleDuration: number | undefined;
}

/** Where a fragment lies, in ticks. */
export interface Placement {
  readonly time: number;
  /** Duration of its last sample. */
  readonly lastDuration: number;
  /** Whether that duration is a guess. */
  readonly estimated: boolean;
}

/** Seconds that the last sample counts until the track has shown a duration: a frame of 30 a second, and an AAC packet at 48 kHz. */
const FIRST_GUESS = { video: 1 / 30, audio: 1024 / 48_000 };
/** A step of more samples than this is a gap. */
const STEP = 1.5;

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
   */
  place(fragment: TrackFragment): Placement {
    const { end, sampleDuration } = this.#clockOf(fragment.track.id);
    const time = fragment.time ?? end ?? 0;
    const stated = lastDuration(fragment);
    if (stated > 0) return { time, lastDuration: stated, estimated: false };
    const guess = sampleDuration ?? Math.max(1, Math.round(FIRST_GUESS[fragment.track.kind] * fragment.track.timescale));
    const late = time - (end ?? time);
    if (late > 0 && late <= guess * STEP && statedDuration(fragment) === 0) return { time: time - late, lastDuration: late, estimated: false };
    return { time, lastDuration: guess, estimated: true };
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
    const duration = statedDuration(fragment) + (lastDuration(fragment) > 0 ? 0 : placement.lastDuration);
    clock.end = placement.time + duration;
    return { trackId: id, time: placement.time, duration, estimated };
  }

  #clockOf(id: number): TrackClock {
    const clock = this.#clocks.get(id) ?? { end: undefined, sampleDuration: undefined };
    this.#clocks.set(id, clock);
    return clock;
  }
}

/** What the last sample of a fragment is said to last, ticks; 0 if it isn't said. */
export function lastDuration({ runs }: TrackFragment): number {
  const run = runs.at(-1)?.run;
  return run?.sampleDuration(run.count - 1) ?? 0;
}

function statedDuration({ runs }: TrackFragment): number {
  return runs.reduce((sum, { run }) => sum + run.duration, 0);
}
