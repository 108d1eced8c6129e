import type { Chunk, TrackSpan } from '../chunk';
import type { Mp4Init } from './init-segment';
import { beginsWithSync, leadingFragment, type TrackFragment } from './movie-fragment';

/** Where a track is: the end of its last sample, and that sample's stated duration, in ticks. */
interface TrackClock {
  end: number;
  sampleDuration: number;
}

/** Follows the decode times of the tracks of one init segment, and describes its chunks. */
export class Timeline {
  readonly #clocks = new Map<number, TrackClock>();
  readonly #hasVideo: boolean;

  constructor({ segment }: Mp4Init) {
    this.#hasVideo = segment.tracks.some((track) => track.kind === 'video');
    for (const { id } of segment.tracks) this.#clocks.set(id, { end: 0, sampleDuration: 0 });
  }

  /** Decode time of a fragment's first sample, ticks: as stated, else where its track was. */
  startOf({ track, time }: TrackFragment): number {
    return time ?? this.#clockOf(track.id).end;
  }

  /** Describes a chunk that holds `fragments`, and goes on to its end. */
  describe(bytes: Uint8Array, fragments: readonly TrackFragment[]): Chunk {
    const lead = leadingFragment(fragments);
    const spans = fragments.map((fragment) => this.#advance(fragment));
    const span = spans.find(({ trackId }) => trackId === lead?.track.id);
    const timescale = lead?.track.timescale ?? 1;
    const time = span?.time ?? 0;
    const hasVideo = lead?.track.kind === 'video';
    const joinable = !this.#hasVideo || (hasVideo && beginsWithSync(lead));
    return { bytes, joinable, hasVideo, start: time / timescale, end: (time + (span?.duration ?? 0)) / timescale, spans };
  }

  /** A last sample without a duration counts as long as the last one that had a duration. */
  #advance(fragment: TrackFragment): TrackSpan {
    const clock = this.#clockOf(fragment.track.id);
    const time = this.startOf(fragment);
    const last = fragment.runs.at(-1)?.run;
    const stated = fragment.runs.reduce((sum, { run }) => sum + run.duration, 0);
    const sampleDuration = last?.sampleDuration(last.count - 1) ?? 0;
    const estimated = sampleDuration === 0;
    if (!estimated) clock.sampleDuration = sampleDuration;
    const duration = estimated ? stated + clock.sampleDuration : stated;
    clock.end = time + duration;
    return { trackId: fragment.track.id, time, duration, estimated };
  }

  #clockOf(id: number): TrackClock {
    const clock = this.#clocks.get(id) ?? { end: 0, sampleDuration: 0 };
    this.#clocks.set(id, clock);
    return clock;
  }
}
