import type { Chunk } from '../../src/media/chunk';
import { MediaParser } from '../../src/media/media-parser';

/** Chunks whose longest says how far apart chunks come. */
const RECENT_CHUNKS = 32;

/**
 * The times of what has come in one epoch, read from the chunks themselves: `SourceBuffer.buffered` tells them late, and for
 * WebM, whose frames state a duration that only bridges gaps, it tells of media that isn't there.
 */
export class EpochMedia {
  readonly id: string;
  readonly #parser: MediaParser;
  #chunks: Chunk[] = [];
  /** Timescale and end of the newest media of each track. */
  readonly #tracks = new Map<number, { timescale: number; end: number | undefined }>();
  #start: number | undefined;
  #lengths: number[] = [];

  /** @throws MediaError if `init` is no init segment. */
  constructor(id: string, init: Uint8Array) {
    this.id = id;
    this.#parser = new MediaParser({
      init: ({ tracks }) => {
        for (const { id: track, timescale } of tracks) this.#tracks.set(track, { timescale, end: undefined });
      },
      chunk: (chunk) => this.#chunks.push(chunk),
    });
    this.#parser.push(init);
  }

  /** Media time of the first chunk, seconds; undefined before it has come. */
  get start(): number | undefined {
    return this.#start;
  }

  /** Media time up to which every track has come, seconds: the live edge. */
  get edge(): number | undefined {
    let edge = Infinity;
    for (const { end } of this.#tracks.values()) {
      if (end !== undefined) edge = Math.min(edge, end);
    }
    return edge === Infinity ? undefined : edge;
  }

  /** The longest of the chunks that came last, seconds: the next may be as long in coming. */
  get interval(): number {
    return Math.max(0, ...this.#lengths);
  }

  /**
   * Takes whole chunks.
   * @throws MediaError if they are none.
   */
  push(bytes: Uint8Array): void {
    this.#chunks = [];
    this.#parser.push(bytes);
    for (const chunk of this.#chunks) this.#take(chunk);
  }

  #take(chunk: Chunk): void {
    this.#start ??= chunk.start;
    this.#lengths.push(chunk.end - chunk.start);
    if (this.#lengths.length > RECENT_CHUNKS) this.#lengths.shift();
    for (const { trackId, time, duration } of chunk.spans) {
      const track = this.#tracks.get(trackId);
      if (track !== undefined) track.end = (time + duration) / track.timescale;
    }
  }
}
