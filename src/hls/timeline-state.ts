import type { MediaInit, Part, Segment } from './segment';

/** A timeline as it is after a change: all that playlists are made of. It is never changed itself: the next change makes another. Seconds. */
export interface TimelineState {
  /** Part of the addresses of its media. */
  readonly id: string;
  /** Another one for each state. */
  readonly revision: number;
  /** Media Sequence Number of the first segment that there was. */
  readonly start: number;
  /** The newest init segment. */
  readonly init: MediaInit | undefined;
  /** The whole segments that are retained, oldest first, and the newest of them, which are listed. */
  readonly segments: readonly Segment[];
  readonly listed: readonly Segment[];
  /** How much is listed at least, once there is so much. */
  readonly window: number;
  /** The segment that isn't whole, once it has begun, and its Media Sequence Number. */
  readonly open: Segment | undefined;
  readonly sequence: number;
  /** Number of the part that comes next; nothing after the end. */
  readonly nextPart: number | undefined;
  /** No part exceeds this, in whole milliseconds. */
  readonly partTarget: number;
  /** No segment exceeds this when rounded: the same for good, unless a single chunk is longer. */
  readonly targetDuration: number;
  readonly ended: boolean;
}

/** The segment of that number, if it is whole and retained. */
export function segmentOf({ segments }: TimelineState, sequence: number): Segment | undefined {
  return segments[sequence - (segments[0]?.sequence ?? 0)];
}

/** The part of that number, if it is whole and retained. */
export function partOf({ segments, open }: TimelineState, number: number): Part | undefined {
  for (const { parts } of open === undefined ? segments : [...segments, open]) {
    const first = parts[0]?.number;
    const last = parts[parts.length - 1]?.number;
    if (first !== undefined && last !== undefined && number >= first && number <= last) return parts[number - first];
  }
  return undefined;
}

/** The init segment of that number, if anything retained needs it. */
export function initOf({ init, segments }: TimelineState, number: number): MediaInit | undefined {
  return init?.number === number ? init : segments.find((segment) => segment.init.number === number)?.init;
}
