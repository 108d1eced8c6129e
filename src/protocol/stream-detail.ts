import type { StreamInfo } from './stream-info';
import type { ViewerTransport } from './viewer-info';
import type { DroppedTrackInfo, TrackInfo } from './watch-message';

/** One second of a stream. */
export interface StreamSample {
  /** Its end, Unix time in ms. */
  readonly at: number;
  /** Media received in it, bits a second. */
  readonly bitrate: number;
  readonly viewers: number;
}

/** Who publishes a stream. */
export interface PublisherInfo {
  /** The door by which it came: a WebSocket, a PUT or POST, or an ffmpeg that the relay runs. */
  readonly transport: 'websocket' | 'http' | 'source';
  /** Its address; absent for a source. */
  readonly address?: string;
  /** Unix time in ms at which it came. */
  readonly since: number;
  /** From capture to the relay, seconds; absent unless the publisher tells when it captures. */
  readonly lag?: number;
}

/** The timeline that a stream is at. */
interface EpochInfo {
  /** Opaque, unique over restarts. */
  readonly id: string;
  /** Media received of it, bytes. */
  readonly bytes: number;
  /** What of it is held for newcomers. */
  readonly heldChunks: number;
  readonly heldBytes: number;
}

/** The viewers of a stream in short. */
export interface ViewerSummary {
  /** How many came by each door. */
  readonly byTransport: Readonly<Partial<Record<ViewerTransport, number>>>;
  /** How many are sent nothing just now because they are behind. */
  readonly behind: number;
  /** The largest lag of any, seconds. */
  readonly maxLag: number;
  /** How often media was skipped for those who are there, and how much that was, bytes. */
  readonly skips: number;
  readonly skippedBytes: number;
}

/** What `GET /api/streams/NAME` tells an administrator; whoever may only watch is told the part that is a `StreamInfo`. */
export interface StreamDetail extends StreamInfo {
  /** Absent while it is away. */
  readonly publisher?: PublisherInfo;
  readonly epoch: EpochInfo;
  /** Tracks that the relay doesn't pass on; absent where there are none. */
  readonly dropped?: readonly DroppedTrackInfo[];
  /** The kinds of the tracks that have stopped while the other goes on, which the relay bridges or leaves out; absent where there are none. */
  readonly stopped?: readonly TrackInfo['kind'][];
  /** Time between its last two keyframes, seconds; absent without video, or before the second. */
  readonly gop?: number;
  /** Media since its newest keyframe, or since its epoch began, seconds, as it was a second ago at most; absent without video. */
  readonly sinceKeyframe?: number;
  /** Frames that Chrome may hold back where it decodes the H.264 video in hardware, since that doesn't state how many are reordered; absent where it does. */
  readonly presumedReorder?: number;
  readonly viewerSummary: ViewerSummary;
  /** The last two minutes, oldest first. */
  readonly history: readonly StreamSample[];
}
