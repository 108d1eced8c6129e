import type { Epoch } from './epoch';
import type { HeldChunk } from './media-message';
import type { StreamEnding } from './relay-observer';

/**
 * Somebody who follows the media of a stream without being one of its viewers, such as a packager. It is told each thing as it
 * happens, before the viewers are; none of its methods may call the stream. One that throws is reported, and takes nothing from anybody else.
 */
export interface StreamListener {
  /** A timeline begins: what comes is of this epoch. */
  epochBegan(epoch: Epoch): void;
  /** A chunk has its place in `epoch`, and is held. */
  chunkHeld(held: HeldChunk, epoch: Epoch): void;
  /** The stream is over. What is published under its name later is another one. */
  ended(reason: StreamEnding): void;
}
