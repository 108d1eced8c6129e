import type { ErrorCode } from './error-code';
import type { ViewerReport } from './viewer-info';

/** One track, as a viewer is told of it. */
export interface TrackInfo {
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  /** Frames a second, where the publisher states it. */
  readonly frameRate?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
}

/** A track that the relay doesn't pass on, since another of its kind is. */
export interface DroppedTrackInfo {
  readonly kind: 'video' | 'audio';
  /** As the container names it: `mp4a`, or `A_AAC`. */
  readonly codec: string;
}

/** Why nothing comes just now: no publisher, no join point yet, or a publisher that sends nothing. */
export type WaitingReason = 'publisher' | 'keyframe' | 'idle';

/** Text messages from the relay to a viewer that speaks `sluice.v1`. docs/protocol.md explains each. */
export type WatchEvent =
  | { readonly type: 'waiting'; readonly reason: WaitingReason }
  | {
      readonly type: 'init';
      /** Opaque name of the timeline, unique over restarts of the relay. */
      readonly epoch: string;
      readonly mime: string;
      readonly tracks: readonly TrackInfo[];
      /** Offset in the epoch's media bytes from which the media that follows goes on. */
      readonly position: number;
      /** Whether the flow goes on where the client was; then no init segment follows. */
      readonly resumed: boolean;
    }
  /** A new epoch has begun while the client is paused; `play` without a place goes on with it. */
  | { readonly type: 'epoch'; readonly epoch: string }
  | {
      readonly type: 'clock';
      readonly epoch: string;
      /** Media time, seconds. */
      readonly media: number;
      /** The relay's Unix time in ms at which `media` was captured, or failing that received. */
      readonly wall: number;
    }
  | {
      readonly type: 'skip';
      readonly epoch: string;
      /** Media time in seconds from which nothing was sent. */
      readonly from: number;
      /** Media time in seconds at which the flow goes on, with a join point. */
      readonly to: number;
      /** Position at which the flow goes on: where the next chunk begins. */
      readonly position: number;
      readonly reason: 'slow';
    }
  | { readonly type: 'sync'; readonly id: number }
  | { readonly type: 'pong'; readonly id: number; readonly wall: number }
  | { readonly type: 'ok'; readonly id: number }
  | ErrorEvent
  | { readonly type: 'end'; readonly reason: 'ended' | 'restart' };

/** A coded error; if it is final, a close with the matching code follows. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly code: ErrorCode;
  readonly message: string;
  /** The request that it answers. */
  readonly id?: number;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number;
}

/** Text messages from a viewer to the relay. A request with an `id` is answered once. */
export type WatchRequest =
  | { readonly type: 'received'; readonly epoch: string; readonly position: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'ok'; readonly id: number }
  | { readonly type: 'pause'; readonly id?: number }
  | { readonly type: 'play'; readonly id?: number; readonly epoch?: string; readonly position?: number }
  | { readonly type: 'token'; readonly id?: number; readonly token: string }
  | ({ readonly type: 'report'; readonly id?: number } & ViewerReport);
