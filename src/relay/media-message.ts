import type { Chunk, MediaBytes } from '../media/chunk';

/** Media that is sent as one message: a chunk, or several joined. All viewers share its bytes, and nobody writes to them. */
export interface MediaMessage {
  readonly bytes: MediaBytes;
  /** Offset of its first byte in the epoch's media bytes. */
  readonly from: number;
  /** Offset of its end: its position. */
  readonly position: number;
  /** Media time of its end, seconds. */
  readonly end: number;
  /** Whether a decoder can start at a chunk of it. */
  readonly joinable: boolean;
  readonly hasVideo: boolean;
}

/** A chunk in its place in an epoch: the smallest message there is. */
export interface HeldChunk extends MediaMessage {
  readonly chunk: Chunk;
  /** When it arrived, monotonic ms. */
  readonly at: number;
}

/** Gives `chunk` its place: `from`, the offset of its first byte, and `at`, when it arrived, monotonic ms. */
export function placeChunk(chunk: Chunk, { from, at }: { from: number; at: number }): HeldChunk {
  const { bytes, end, joinable, hasVideo } = chunk;
  return { chunk, bytes, from, position: from + bytes.length, end, joinable, hasVideo, at };
}
