import type { SluiceError } from '../protocol/error-code';
import type { WatchEvent } from '../protocol/watch-message';
import type { HeldChunk } from './chunk-window';
import type { Epoch } from './epoch';

/** How an epoch begins, or goes on, for one viewer. */
export interface EpochStart {
  readonly epoch: Epoch;
  /** Position from which the media that follows goes on. */
  readonly position: number;
  /** Whether the viewer has the init segment and goes on where it was. */
  readonly resumed: boolean;
}

/**
 * The way out to one viewer, made by a door: it frames and writes, and decides nothing.
 * No method waits, and none may call the viewer back before it returns.
 */
export interface ViewerOutlet {
  /** An epoch begins: send its init segment, unless `resumed`. A door that can begin only once closes itself the second time. */
  begin(start: EpochStart): void;
  /** Send these chunks, in order; their bytes are shared and never written to. */
  send(chunks: readonly HeldChunk[]): void;
  /** Tell the viewer, if its protocol can. */
  tell(event: WatchEvent): void;
  /** The stream is over, or the relay restarts: flush, then close. */
  end(reason: 'ended' | 'restart'): void;
  /** Tell the error, then close. */
  fail(error: SluiceError): void;
  /** Bytes written that the system hasn't taken yet. When they reach zero the door calls `Viewer.drained()`. */
  queued(): number;
}
