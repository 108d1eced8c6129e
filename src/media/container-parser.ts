import type { Chunk, InitSegment } from './chunk';

/** Where a parser hands its results, synchronously and in order. */
export interface MediaSink {
  /** The first call, and again wherever a new `ftyp` or EBML header begins a new timeline. */
  init(segment: InitSegment): void;
  chunk(chunk: Chunk): void;
}

/** Bounds on what a parser holds in memory, in bytes. */
export interface MediaLimits {
  readonly maxInit: number;
  readonly maxChunk: number;
}

/** 1 MiB for an init segment, 16 MiB for a chunk. */
export const DEFAULT_MEDIA_LIMITS: MediaLimits = { maxInit: 1 << 20, maxChunk: 16 << 20 };

/** Tracks of one stream, those that aren't passed on among them. */
export const MAX_TRACKS = 16;

/**
 * Turns the bytes of a publisher, cut anywhere, into one init segment and whole chunks.
 * A chunk leaves as soon as its last byte is in. After an error the parser is of no further use.
 */
export interface ContainerParser {
  /**
   * Takes the next bytes; keeps no reference to `bytes` after it returns.
   * @returns how many it has taken: all of them, unless the work of a turn is over by its `WorkMeter`. The rest is to be pushed again.
   * @throws MediaError if they can't be understood or pass a limit.
   */
  push(bytes: Uint8Array): number;
  /**
   * Says that no more bytes come, cleanly.
   * @throws MediaError `incomplete-media` if an init segment or chunk has begun but isn't whole.
   */
  finish(): void;
}
