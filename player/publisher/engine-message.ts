import type { EncoderChoices } from './codec-choice';
import type { AudioSettings, VideoSettings } from './publisher-options';
import type { PublisherError, PublisherState, PublisherStats, PublisherWarning } from './publisher-state';

/** Raw frames of a picture, and raw sound, as `MediaStreamTrackProcessor` gives them. */
export interface RawTracks {
  readonly video: ReadableStream<VideoFrame> | undefined;
  readonly audio: ReadableStream<AudioData> | undefined;
}

/** What an engine is made for. */
export interface EngineSetup {
  /** Of the publish socket, session and token included. */
  readonly url: string;
  readonly codecs: EncoderChoices;
  readonly video: VideoSettings;
  readonly audio: AudioSettings;
}

/** What a publisher wants of its engine. */
export type EngineCommand =
  | { readonly type: 'open'; readonly setup: EngineSetup; readonly tracks: RawTracks }
  | { readonly type: 'tracks'; readonly tracks: RawTracks }
  | { readonly type: 'video'; readonly video: VideoSettings }
  | { readonly type: 'stop' };

/** What an engine tells its publisher. */
export type EngineEvent =
  /** A worker is there, and listens. */
  | { readonly type: 'ready' }
  | { readonly type: 'state'; readonly state: PublisherState }
  | { readonly type: 'stats'; readonly stats: PublisherStats }
  | { readonly type: 'warning'; readonly warning: PublisherWarning }
  /** It has ended for good. */
  | { readonly type: 'error'; readonly error: PublisherError };
