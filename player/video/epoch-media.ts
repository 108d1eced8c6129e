import { type Arrivals, ArrivalMeter } from './arrival-meter';
import { Mp4Times } from './mp4-times';
import type { Span } from './span';
import { WebmTimes } from './webm-times';

/** A track that has come. */
interface TrackPlace {
  readonly sound: boolean;
  end: number;
  /** The longest of its last two steps. */
  pace: number;
  /** Times at which a decoder can start, of what is still held: of pictures only, for with sound it can anywhere. */
  readonly syncs: number[];
}

/** So many keyframes reach further back than any player holds media. */
const MAX_SYNCS = 4096;
/** Where EBML, and so WebM, begins. */
const EBML_ID = 0x1a45dfa3;

/**
 * The times of what has come in one epoch, read from the chunks themselves: `SourceBuffer.buffered` tells them late, and for
 * WebM, whose frames state a duration that only bridges gaps, it tells of media that isn't there.
 */
export class EpochMedia {
  readonly id: string;
  readonly #times: Mp4Times | WebmTimes;
  readonly #meter = new ArrivalMeter();
  readonly #tracks = new Map<number, TrackPlace>();
  #start: number | undefined;

  /**
   * @param options `shorten`: as for `WebmTimes`.
   * @throws Error if `init` is no init segment.
   */
  constructor(id: string, init: Uint8Array, options?: { readonly shorten?: boolean }) {
    this.id = id;
    const isWebm = new DataView(init.buffer, init.byteOffset, init.byteLength).getUint32(0) === EBML_ID;
    this.#times = isWebm ? new WebmTimes(init, options) : new Mp4Times(init);
  }

  /** Media time of the first chunk, seconds; undefined before it has come. */
  get start(): number | undefined {
    return this.#start;
  }

  /** Media time up to which every track has come, seconds: the live edge. */
  get edge(): number | undefined {
    let edge: number | undefined;
    for (const { end } of this.#tracks.values()) edge = Math.min(edge ?? end, end);
    return edge;
  }

  /** Seconds from one piece to the next, in the track where they are farthest apart. */
  get pace(): number {
    return Math.max(0, ...[...this.#tracks.values()].map(({ pace }) => pace));
  }

  /** How media arrives, against media time; undefined before it is known. */
  get arrivals(): Arrivals | undefined {
    return this.#meter.arrivals;
  }

  /**
   * Takes whole chunks that have come at `now`, in seconds of a monotonic clock.
   * @throws Error if they are none.
   */
  push(bytes: Uint8Array, now: number): void {
    for (const span of this.#times.read(bytes)) this.#take(span, now);
  }

  /** Whole chunks in the pieces in which they are to be appended, one after the other. */
  pieces(bytes: Uint8Array): readonly Uint8Array[] {
    return this.#times instanceof WebmTimes ? this.#times.pieces(bytes) : [bytes];
  }

  /** Media was stopped on purpose, or comes by another connection. */
  forgetArrivals(): void {
    this.#meter.forget();
  }

  /**
   * The last media time up to `time` at which a decoder can start in all tracks: what is before it can be removed, and nothing behind
   * it suffers. Removing up to any other time removes all up to the next keyframe, or all there is if none has come yet.
   */
  keyframeBefore(time: number): number | undefined {
    let before: number | undefined = time;
    for (const { sound, syncs } of this.#tracks.values()) {
      if (sound) continue;
      const last = syncs.findLast((sync) => sync <= time);
      before = last === undefined || before === undefined ? undefined : Math.min(before, last);
    }
    return before;
  }

  #take({ track: id, start, end, sound, sync }: Span, now: number): void {
    if (this.#start === undefined) {
      this.#start = start;
      this.#meter.arrived(now, start);
    }
    const track = this.#tracks.get(id) ?? { sound, end: start, pace: 0, syncs: [] };
    track.pace = Math.max(end - start, end - track.end);
    track.end = end;
    if (sync && !sound) track.syncs.push(start);
    if (track.syncs.length > MAX_SYNCS) track.syncs.splice(0, MAX_SYNCS / 2);
    this.#tracks.set(id, track);
    this.#meter.arrived(now, this.edge ?? end);
  }
}
