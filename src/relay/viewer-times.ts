import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { TimeShift } from '../media/time-shift';
import { MAX_SECONDS } from '../protocol/time-bounds';
import type { Epoch } from './epoch';
import type { Continuation, OwnTimes } from './viewer-outlet';

/** Seconds by which a track whose first chunk hasn't come may begin before those that have. */
const UNSEEN = 0.1;
/** Seconds by which a track may lag behind the others in the order in which chunks come: its next chunk is waited for from where it ends. One that ended earlier has stopped. */
const LAGGING = 1;
/** The largest time in ticks, so that the times after it are still exact in a number. */
const MAX_TICKS = 2 ** 52;

/** Seconds of each kind of track; a stream has one of each at most. */
type TrackSeconds = ReadonlyMap<Track['kind'], number>;

/**
 * The times of one viewer that gets its own: by how much those of each epoch are moved. All tracks are moved by the same time, so
 * that they stay in step, and it is the same for the whole of an epoch.
 */
export class ViewerTimes {
  readonly #wanted: OwnTimes;
  /** What it was told last of what it decodes. */
  #mime: string | undefined;
  #setup: string | undefined;
  /** Where each track ends that it was sent, seconds of its own times. */
  #ends: TrackSeconds = new Map();
  /** By how much the epoch that it is in is moved, seconds; undefined until its first chunk is there. */
  #seconds: number | undefined;

  constructor(wanted: OwnTimes) {
    this.#wanted = wanted;
  }

  /** The viewer comes to `epoch`: whether its player can go on from what it has had. */
  begin({ init, setup }: Epoch): Continuation | undefined {
    const goesOn = this.#wanted.continuous && this.#mime === init.mime && !this.#isFar(init);
    const isSame = this.#setup === setup;
    this.#mime = init.mime;
    this.#setup = setup;
    this.#seconds = undefined;
    if (goesOn) return isSame ? 'same-init' : 'new-init';
    this.#ends = new Map();
    return undefined;
  }

  /** The viewer is sent media of `epoch`, from `position` on: how it is moved, or undefined if it isn't. */
  place(epoch: Epoch, position: number): TimeShift | undefined {
    this.#seconds ??= this.#place(epoch, position);
    return epoch.shifted(this.#seconds, this.#ends);
  }

  /** `epoch` is over, of which the viewer was sent everything up to `position`, where its newest media ends at `until`, seconds. */
  leave({ init, window }: Epoch, position: number, until: number): void {
    const seconds = this.#seconds;
    if (seconds === undefined) return;
    const last = partsOf(init, window.lastOfTracks(position, init.tracks.length));
    // A viewer that lags may be at a place that isn't retained any more.
    if (last.size === 0) for (const { kind } of init.tracks) last.set(kind, { start: until, end: until });
    const ends = [...last].map(([kind, { start, end }]) => [kind, Math.max(start + seconds, this.#ends.get(kind) ?? 0) + end - start] as const);
    this.#ends = new Map([...this.#ends, ...ends]);
  }

  #place({ init, window }: Epoch, position: number): number {
    const parts = partsOf(init, window.firstOfTracks(position, init.tracks.length));
    if (parts.size === 0) return 0;
    const starts = new Map([...parts].map(([kind, { start }]) => [kind, start]));
    if (this.#ends.size > 0) return this.#follow(starts);
    return this.#wanted.fromZero ? -firstOf(init, starts, partsOf(init, window.lastOfTracks(position, init.tracks.length))) : 0;
  }

  /** By how much tracks that begin at `starts` are to be moved so that none of them begins before it ended. */
  #follow(starts: TrackSeconds): number {
    const ends = [...this.#ends];
    const first = Math.min(...starts.values());
    const newest = Math.max(...ends.map(([kind, end]) => (starts.has(kind) ? end : -Infinity)));
    return Math.max(
      ...ends.map(([kind, end]) => {
        const start = starts.get(kind);
        if (start !== undefined) return end - start;
        // Its first chunk hasn't come. What reaches a little further is what was interleaved with the others.
        return end > newest + UNSEEN ? end - first : -Infinity;
      }),
    );
  }

  /** Whether its times are so large that those of `init` after them may not be exact any more. */
  #isFar({ tracks }: InitSegment): boolean {
    const newest = Math.max(0, ...this.#ends.values());
    return newest > MAX_SECONDS || tracks.some(({ timescale }) => newest * timescale > MAX_TICKS);
  }
}

/** When the first sample comes that is sent, seconds, as far as can be known: not all tracks need have come. `before` is what isn't sent. */
function firstOf({ tracks }: InitSegment, starts: TrackSeconds, before: ReadonlyMap<Track['kind'], Part>): number {
  const first = Math.min(...starts.values());
  const expected = tracks.map(({ kind }) => {
    const last = before.get(kind);
    if (starts.has(kind)) return first;
    if (last === undefined) return first - UNSEEN;
    return last.end > first - LAGGING ? Math.min(first, last.end) : first;
  });
  return Math.max(0, Math.min(...expected));
}

/** A part of a track, seconds. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/** The part of each track in its chunk. A picture may state that it lasts until the next, whenever that comes; the chunk says where its media ends. */
function partsOf({ tracks }: InitSegment, chunks: ReadonlyMap<number, Chunk>): Map<Track['kind'], Part> {
  const parts = new Map<Track['kind'], Part>();
  for (const { id, kind, timescale } of tracks) {
    const chunk = chunks.get(id);
    const span = chunk?.spans.find(({ trackId }) => trackId === id);
    if (chunk === undefined || span === undefined) continue;
    const end = kind === 'video' || !chunk.hasVideo ? chunk.end : (span.time + span.duration) / timescale;
    parts.set(kind, { start: span.time / timescale, end });
  }
  return parts;
}
