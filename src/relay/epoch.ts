import type { Chunk, InitSegment } from '../media/chunk';
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
  readonly window: ChunkWindow;
  readonly newcomer: NewcomerMessages;
  readonly clock: MediaClock;
  #position = 0;

  constructor(init: InitSegment, limits: RelayLimits, clock: Clock) {
    this.id = crypto.randomUUID();
    this.init = init;
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
}
