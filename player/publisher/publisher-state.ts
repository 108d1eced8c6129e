import type { ErrorCode } from '../../src/protocol/error-code';
import type { ErrorEvent } from '../../src/protocol/watch-message';

/**
 * Where a publisher is. `idle`: not started; `connecting`: on its way to its first picture; `live`: the relay passes it on;
 * `reconnecting`: was live, and the connection is made again; `ended`: was stopped; `failed`: an `error` said why.
 */
export type PublisherState = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'ended' | 'failed';

/** How a broadcast gets on. Bits a second, frames, and ms. */
export interface PublisherStats {
  readonly encoder: 'webcodecs' | 'mediarecorder';
  /** As the relay has understood it, such as `avc1.42E01F, opus`; empty before that. */
  readonly codec: string;
  /** What the relay receives, over the last seconds. */
  readonly bitrate: number;
  /** What the picture's encoder is asked for now. */
  readonly targetBitrate: number;
  /** Frames a second that were encoded, over the last seconds. */
  readonly frameRate: number;
  /** Frames that came and weren't sent: left out before they were encoded, or lost with the connection. */
  readonly droppedFrames: number;
  /** Age of the oldest media that the relay doesn't have yet, ms. */
  readonly lag: number;
  /** To the relay and back, ms; undefined until it is known. */
  readonly roundTrip: number | undefined;
  readonly viewers: number;
  /** Middle latency that viewers tell of, ms; only where the relay tells it. */
  readonly latency?: number;
}

/** What a broadcaster should know that goes on by itself. */
export type WarningCode =
  /** The upload is too slow: the picture is lowered. */
  | 'upload-slow'
  /** The connection was lost, and is made again. */
  | 'connection-lost'
  /** The relay turned it away for now; it tries again. The message is the relay's. */
  | 'relay-busy'
  /** An encoder failed and was made anew. */
  | 'encoder-restarted'
  /** The wanted encoder or codec isn't to be had here: another is used. */
  | 'encoder-fallback'
  /** The browser can't encode the sound: only the picture is sent. */
  | 'no-sound'
  /** This computer can't encode as many frames as come. */
  | 'encoder-slow'
  /** A track has ended: a device was unplugged, or sharing was stopped. */
  | 'track-ended';

/** Why a broadcast came to its end: a code of the relay, or of the browser. */
export type PublisherErrorCode =
  | ErrorCode
  /** Nothing to publish: `start` without a stream, or with one whose tracks have ended. */
  | 'no-tracks'
  /** Neither encoder is to be had here, or none for the codec that was asked for. */
  | 'unsupported-encoder'
  /** The encoder failed again and again. */
  | 'encoder-failed';

export interface PublisherWarning {
  readonly code: WarningCode;
  /** In words, with what can be done. */
  readonly message: string;
}

export interface PublisherError {
  readonly code: PublisherErrorCode;
  readonly message: string;
}

/** The events of a publisher, by their names. */
export interface PublisherEvents {
  readonly statechange: CustomEvent<PublisherState>;
  readonly stats: CustomEvent<PublisherStats>;
  readonly warning: CustomEvent<PublisherWarning>;
  readonly error: CustomEvent<PublisherError>;
}

export const UPLOAD_SLOW: PublisherWarning = { code: 'upload-slow', message: 'The upload is too slow: the picture is lowered until there is room again' };

/** That the connection is lost, and is made again; `reason` is what the relay said, if it did. */
export function lossWarning(reason: ErrorEvent | undefined): PublisherWarning {
  if (reason !== undefined) return { code: 'relay-busy', message: reason.message };
  return { code: 'connection-lost', message: 'The connection to the relay is lost, and is made again' };
}
