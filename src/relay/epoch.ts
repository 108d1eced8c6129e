import type { Chunk, InitSegment, Track } from '../media/chunk';
import { haveSameSetup } from '../media/decoder-setup';
import { MediaTimes, TimeShift } from '../media/time-shift';
import type { TrackShifts } from '../media/track-shift';
import { ChunkWindow } from './chunk-window';
import type { Clock } from './clock';
import { MediaClock } from './media-clock';
import { type HeldChunk, placeChunk } from './media-message';
import { NewcomerMessages } from './newcomer-messages';
import type { RelayLimits } from './relay-limits';

/** One timeline of a stream: one init segment, and the media behind it, numbered by position. */
export class Epoch {
  /** Opaque, unique over restarts. */
  readonly id: string;
  readonly init: InitSegment;
  /** Opaque: the same as that of the epoch before if a player that has its init segment needs no other. */
  readonly setup: string;
  readonly window: ChunkWindow;
  readonly newcomer: NewcomerMessages;
  readonly clock: MediaClock;
  readonly #times: MediaTimes;
  #position = 0;
  /** The newest shift: viewers who begin at the same place have the same. */
  #shift: TimeShift | undefined;

  /** `before` is the epoch that this one follows; it isn't retained. */
  constructor(init: InitSegment, { limits, clock, before }: { limits: RelayLimits; clock: Clock; before?: Epoch | undefined }) {
    this.id = crypto.randomUUID();
    this.init = init;
    this.setup = before !== undefined && haveSameSetup(before.init, init) ? before.setup : crypto.randomUUID();
    this.#times = new MediaTimes(init.container);
    this.window = new ChunkWindow({ age: limits.windowAge, bytes: limits.windowBytes, overhead: limits.windowOverhead });
    this.newcomer = new NewcomerMessages(this.window);
    this.clock = new MediaClock(clock, this.window);
  }

  /** Offset of the end of the newest chunk; the init segment isn't counted. */
  get position(): number {
    return this.#position;
  }

  /** Gives `chunk` its place and holds it. `at` is monotonic ms. */
  add(chunk: Chunk, at: number): HeldChunk {
    const held = placeChunk(chunk, { from: this.#position, at });
    this.#position = held.position;
    this.window.push(held);
    this.newcomer.forgetStale();
    return held;
  }

  /**
   * What moves its media by so many seconds, no track to before what is in `earliest`, seconds of each kind of track, or 0. Undefined if it moves nothing.
   */
  shifted(seconds: number, earliest: ReadonlyMap<Track['kind'], number>): TimeShift | undefined {
    if (seconds === 0 && earliest.size === 0) return undefined;
    const tracks = new Map(
      this.init.tracks.map(({ id, kind, timescale }) => [id, { ticks: Math.round(seconds * timescale), earliest: Math.round((earliest.get(kind) ?? 0) * timescale) }]),
    );
    if (this.#shift === undefined || !areSame(this.#shift.tracks, tracks)) this.#shift = new TimeShift(this.#times, tracks);
    return this.#shift;
  }
}

function areSame(one: TrackShifts, other: TrackShifts): boolean {
  return [...one].every(([id, { ticks, earliest }]) => other.get(id)?.ticks === ticks && other.get(id)?.earliest === earliest);
}
