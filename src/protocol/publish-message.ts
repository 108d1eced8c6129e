import type { DroppedTrackInfo, ErrorEvent, TrackInfo } from './watch-message';

/** Text messages from a publisher that speaks `sluice.v1`. */
export type PublishRequest =
  | {
      readonly type: 'clock';
      /** Media time, seconds. */
      readonly media: number;
      /** When it was captured: Unix time in ms, already converted to the relay's clock. */
      readonly wall: number;
    }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'token'; readonly id?: number; readonly token: string }
  | { readonly type: 'end' };

/** Text messages from the relay to a publisher that speaks `sluice.v1`. */
export type PublishEvent =
  | { readonly type: 'ready' }
  | {
      readonly type: 'live';
      readonly mime: string;
      readonly tracks: readonly TrackInfo[];
      /** Absent where every track of video and audio is passed on. */
      readonly dropped?: readonly DroppedTrackInfo[];
    }
  | {
      readonly type: 'received';
      /** Of this connection, up to now. */
      readonly bytes: number;
      readonly viewers: number;
      /** Median of what viewers have reported lately from capture to picture, seconds; absent where none has. */
      readonly latency?: number;
    }
  | { readonly type: 'keyframe' }
  | { readonly type: 'pong'; readonly id: number; readonly wall: number }
  | { readonly type: 'ok'; readonly id: number }
  | ErrorEvent
  | { readonly type: 'end'; readonly reason: 'restart' };
