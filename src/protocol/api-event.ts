import type { ErrorCode } from './error-code';
import type { SourceInfo } from './source-info';
import type { StreamInfo } from './stream-info';
import type { TrackInfo } from './watch-message';

/** What every event has. */
interface EventBase {
  /** Rises by one from event to event, and over restarts of the relay; `stats` has that of the event before it. */
  readonly id: number;
  /** Unix time in ms. */
  readonly at: number;
}

/** What an event tells. */
export type RelayEventBody =
  | {
      /** A publisher's media has begun. */
      readonly type: 'stream-live';
      readonly name: string;
      readonly mime: string;
      /** Whether the stream was held for it, so that it goes on. */
      readonly resumed: boolean;
    }
  /** The publisher broke off, and may come back. */
  | { readonly type: 'stream-held'; readonly name: string }
  | {
      readonly type: 'stream-ended';
      readonly name: string;
      /** `operator`: by `DELETE /api/streams/NAME`. `restart`: the relay stops. */
      readonly reason: 'ended' | 'operator' | 'restart';
      /** Unix time in ms at which it had gone live. */
      readonly since: number;
    }
  | {
      /** Publishers were turned away, or had to go, for the same reason within a second. The other fields are those of the last one. */
      readonly type: 'publisher-refused';
      readonly name: string;
      readonly address: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly count: number;
    }
  | {
      /** A publisher's times have jumped within a second, and a new epoch began each time. */
      readonly type: 'times-jumped';
      readonly name: string;
      /** Of the last jump; back if negative. */
      readonly seconds: number;
      readonly count: number;
    }
  | {
      /** No keyframe of a publisher has come for long: whoever joins waits. Once for each publisher. */
      readonly type: 'keyframe-missing';
      readonly name: string;
      /** For how much media. */
      readonly seconds: number;
    }
  | {
      /** A track of a stream has stopped while the other goes on, or goes on itself. */
      readonly type: 'tracks-stopped';
      readonly name: string;
      /** The kinds of all that have stopped; none, once all go on. */
      readonly stopped: readonly TrackInfo['kind'][];
    }
  | {
      /** Viewers came or went within a second. */
      readonly type: 'viewers-changed';
      readonly name: string;
      readonly joined: number;
      readonly left: number;
      /** How many there are. */
      readonly viewers: number;
    }
  /** Viewers that didn't catch up were let go within a second. */
  | { readonly type: 'viewer-too-slow'; readonly name: string; readonly count: number }
  | { readonly type: 'source-state'; readonly source: SourceInfo }
  | {
      /** How things stand: at once for whoever begins to listen, then once a second. None of them is repeated. */
      readonly type: 'stats';
      readonly streams: readonly StreamInfo[];
      /** Of all streams. */
      readonly viewers: number;
      /** Media from publishers and to viewers, HLS left out, over the last second. */
      readonly bytesInPerSecond: number;
      readonly bytesOutPerSecond: number;
    };

/** What `GET /api/events` tells: one JSON object in each message. docs/api.md explains each. */
export type RelayEvent = EventBase & RelayEventBody;
