import type { MediaMessage } from '../../src/relay/media-message';
import type { EpochStart } from '../../src/relay/viewer-outlet';
import { FakeOutlet } from './fake-outlet';

/** A door whose queue grows by what it is given, and empties as the test has it read. */
export class QueueingOutlet extends FakeOutlet {
  /** The most that was queued at a time, bytes. */
  peak = 0;
  /** Whether the system takes everything as soon as it is written. */
  prompt = false;

  override begin(start: EpochStart): void {
    super.begin(start);
    if (!start.resumed) this.#add(start.init.bytes.length);
  }

  override sendAll(messages: readonly MediaMessage[]): void {
    super.sendAll(messages);
    for (const { bytes } of messages) this.#add(bytes.length);
  }

  #add(bytes: number): void {
    this.peak = Math.max(this.peak, this.queue + bytes);
    if (!this.prompt) this.queue += bytes;
  }
}
