import { CHUNK_OVERHEAD, type ChunkOverhead } from './chunk-window';

/** The bounds and times of the relay. Bytes and milliseconds. */
export interface RelayLimits {
  /** How many streams may be published, or held for their publisher, at a time. */
  readonly streams: number;
  /** How long a stream whose publisher broke off waits for it to come back. */
  readonly hold: number;
  /** After how long without a chunk viewers are told `waiting {idle}`. */
  readonly idle: number;
  /** How long a chunk is held at least, beyond what the newest join point needs. */
  readonly windowAge: number;
  /** How much memory the chunks that one stream retains may take, with what they cost besides their bytes. */
  readonly windowBytes: number;
  /** What each of them counts besides its bytes. */
  readonly windowOverhead: ChunkOverhead;
  /** How much of what a viewer begins or goes on with is written at a time: the next once less than that waits for it in this process. */
  readonly viewerPiece: number;
  /** How much may wait in this process for a viewer before nothing more is sent to it. */
  readonly viewerQueue: number;
  /** The same for one that gives no receipts, whose queue is all that shows how it keeps up. */
  readonly blindQueue: number;
  /**
   * How old the oldest write that a viewer hasn't acknowledged may be before nothing more is sent to it, and how old the
   * next chunk may be for one that has caught up to go on without a skip.
   */
  readonly viewerLag: number;
  /** How long a viewer may take nothing of what waits for it before it is closed with `too-slow`: one that lags, is paused, or waits for a keyframe. */
  readonly viewerStall: number;
}

export const DEFAULT_RELAY_LIMITS: RelayLimits = {
  streams: 100,
  hold: 10_000,
  idle: 3_000,
  windowAge: 10_000,
  windowBytes: 32 << 20,
  windowOverhead: CHUNK_OVERHEAD,
  viewerPiece: 1 << 20,
  viewerQueue: 8 << 20,
  blindQueue: 1 << 20,
  viewerLag: 2_000,
  viewerStall: 15_000,
};
