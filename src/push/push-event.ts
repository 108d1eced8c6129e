import type { InputMedia } from '../ffmpeg/input-media';
import type { MediaPlan } from '../ffmpeg/media-plan';
import type { PushState } from './push-client';

/** What `sluice push` tells of itself. */
export type PushReport =
  | { readonly type: 'input'; readonly input: string; readonly media: InputMedia; readonly plan: MediaPlan; readonly live: boolean; readonly url: string }
  | { readonly type: 'live'; readonly mime: string; readonly again: boolean }
  | { readonly type: 'lost'; readonly reason: string; readonly wait: number }
  | { readonly type: 'dropped'; readonly gops: number; readonly seconds: number }
  | { readonly type: 'warning'; readonly message: string }
  | PushProgress
  | { readonly type: 'ended'; readonly exit: number; readonly reason: string };

/** Once a second. */
export interface PushProgress {
  readonly type: 'progress';
  readonly state: PushState;
  /** Seconds of media sent. */
  readonly time: number;
  /** Seconds that the input has, if that is known. */
  readonly duration: number | undefined;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Media sent in the last second, in seconds: 1 is real time. */
  readonly speed: number;
  /** Bits sent in the last second. */
  readonly bitrate: number;
  readonly viewers: number;
  /** How old what the relay hasn't confirmed is, seconds. */
  readonly lag: number;
  /** Seconds of media that were left out so far. */
  readonly dropped: number;
  /** Bytes sent so far. */
  readonly bytes: number;
}

/** Shows what happens. */
export interface Reporter {
  tell(report: PushReport): void;
  /** Nothing more is shown. May be called twice. */
  close(): void;
}
