import type { ErrorCode } from '../../src/protocol/error-code';
import type { TrackInfo, WaitingReason } from '../../src/protocol/watch-message';
import type { Arrivals } from './arrival-meter';
import type { Attachment } from './media-source';

/** What a player experiences, as it is told to the relay. Seconds and counts. */
export interface ViewerReport {
  readonly latency?: number;
  readonly firstFrame?: number;
  readonly buffer: number;
  readonly target: number;
  readonly rate: number;
  readonly stalls: number;
  readonly skips: number;
  readonly dropped: number;
  readonly bitrate: number;
}

/** Where the media is that has been appended. Seconds of the presentation. */
export interface Flow {
  /** Where this epoch begins. */
  readonly start: number;
  /** Up to here all tracks have come. */
  readonly edge: number;
  /** How media arrives, by the feed's clock; `lateness` against presentation time. */
  readonly arrivals: Arrivals | undefined;
  /** Time from one piece to the next, in the track where they are farthest apart. */
  readonly pace: number;
  /** Bytes of media that have come since the feed began. */
  readonly bytes: number;
  /** Of the feed's clock. */
  readonly now: number;
}

/** What a player wants of its feed. */
export type FeedCommand =
  | { readonly type: 'open'; readonly url: string; readonly backBuffer: number }
  | { readonly type: 'pause' }
  /** Goes on where it was if the relay still holds that, else, or without `resume`, at the live edge. */
  | { readonly type: 'play'; readonly resume: boolean }
  /** Begins anew at the live edge, with a media source of its own. */
  | { readonly type: 'restart' }
  /** The browser can't play this epoch: nothing comes before the next, which has a media source of its own. */
  | { readonly type: 'skip-epoch'; readonly epoch: string }
  /** Where the player is: what is far behind that is removed. */
  | { readonly type: 'playhead'; readonly time: number }
  | { readonly type: 'report'; readonly report: ViewerReport }
  /** The network is another one, or was away: looks at once whether the connection still lives. */
  | { readonly type: 'check' }
  | { readonly type: 'close' };

/** What a feed tells its player. */
export type FeedEvent =
  /** A worker is there, and listens. */
  | { readonly type: 'ready' }
  | { readonly type: 'source'; readonly attachment: Attachment }
  /** `refusal`: why the relay has turned it away last. */
  | { readonly type: 'connecting'; readonly refusal?: ErrorCode | undefined }
  /** Connections end before the relay has said a word. */
  | { readonly type: 'blocked' }
  /** An epoch begins, or begins again at its live edge. */
  | { readonly type: 'init'; readonly epoch: string; readonly mime: string; readonly tracks: readonly TrackInfo[]; readonly playable: boolean }
  | { readonly type: 'resumed' }
  /** Media has come; it isn't appended yet. */
  | { readonly type: 'media' }
  /** Media was appended. */
  | { readonly type: 'flow'; readonly flow: Flow }
  | { readonly type: 'waiting'; readonly reason: WaitingReason }
  /** What is shown at `time` was captured, or came to the relay, at `wall`: Unix time in ms, of the page's own clock. */
  | { readonly type: 'clock'; readonly time: number; readonly wall: number }
  | { readonly type: 'skip'; readonly from: number; readonly to: number }
  | { readonly type: 'ended' }
  /** It has ended for good. */
  | { readonly type: 'refused'; readonly code: string; readonly message: string }
  /** The browser can't go on with this media source. */
  | { readonly type: 'failed'; readonly reason: string };
