import type { InitSegment } from '../../src/media/chunk';
import type { MediaPieces } from '../../src/media/patched-media';
import { MediaTimes, TimeShift } from '../../src/media/time-shift';

/** The pieces of a message, joined. */
export function joined(pieces: MediaPieces): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** A message of whole chunks after `init` with its times moved by so many seconds. */
export function movedBy(init: InitSegment, bytes: Uint8Array, seconds: number): Uint8Array {
  const tracks = init.tracks.map(({ id, timescale }) => [id, { ticks: Math.round(seconds * timescale), earliest: 0 }] as const);
  return joined(new TimeShift(new MediaTimes(init.container), new Map(tracks)).move(bytes));
}
