import type { TrackInfo } from './watch-message';

/** What `GET /api/streams` tells of one stream. */
export interface StreamInfo {
  readonly name: string;
  /** `live`: a publisher is there. `held`: it broke off, and may come back. */
  readonly state: 'live' | 'held';
  readonly mime: string;
  readonly tracks: readonly TrackInfo[];
  /** Media received, bits a second, over the last seconds. */
  readonly bitrate: number;
  readonly viewers: number;
  /** Unix time in ms at which the stream went live. */
  readonly since: number;
}

/** The body of `GET /api/streams`. */
export interface StreamList {
  readonly streams: readonly StreamInfo[];
}
