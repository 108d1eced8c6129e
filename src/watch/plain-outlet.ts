import { CloseCode, type SluiceError } from '../protocol/error-code';
import type { HeldChunk } from '../relay/chunk-window';
import type { EpochStart, ViewerOutlet } from '../relay/viewer-outlet';
import type { Peer } from '../socket/peer';

/** The way out to a viewer that gets container bytes and nothing else: one epoch, then it has to connect again. */
export class PlainOutlet implements ViewerOutlet {
  readonly #peer: Peer;
  #begun = false;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  begin({ epoch, resumed }: EpochStart): void {
    if (this.#begun) {
      this.#peer.close(CloseCode.newEpoch, 'new-epoch');
      return;
    }
    this.#begun = true;
    if (!resumed) this.#peer.sendMedia(epoch.init.bytes);
  }

  send(chunks: readonly HeldChunk[]): void {
    for (const { chunk } of chunks) this.#peer.sendMedia(chunk.bytes);
  }

  tell(): void {
    // It understands no messages.
  }

  end(reason: 'ended' | 'restart'): void {
    this.#peer.end(reason);
  }

  fail(error: SluiceError): void {
    this.#peer.fail(error);
  }

  queued(): number {
    return this.#peer.queued;
  }
}
