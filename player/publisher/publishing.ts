import type { EngineEvent } from './engine-message';
import type { VideoSettings } from './publisher-options';

/** What tells how it goes, by whichever encoder. */
export type HearPublishing = (event: Exclude<EngineEvent, { type: 'ready' }>) => void;

/** A broadcast by one encoder, from its start to its end: what both encoders do for a publisher. */
export interface Publishing {
  start(stream: MediaStream): void;
  /** Goes on with other tracks. */
  replace(stream: MediaStream): Promise<void>;
  setVideo(video: VideoSettings): Promise<void>;
  /** Ends the stream; the state `ended` follows. */
  stop(): void;
}
