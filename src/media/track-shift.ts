/** How the times of one track are moved, in its ticks. */
interface TrackShift {
  /** What is added to each time. */
  readonly ticks: number;
  /** No time comes out before this one, 0 at least: a decode time can't be negative. */
  readonly earliest: number;
}

/** The shift of each track, by its number. */
export type TrackShifts = ReadonlyMap<number, TrackShift>;

/** A time, moved; at most 2^53 - 1. */
export function movedTime(time: number, { ticks, earliest }: TrackShift): number {
  return Math.min(Math.max(time + ticks, earliest, 0), Number.MAX_SAFE_INTEGER);
}
