import type { SluiceError } from '../protocol/error-code';
import type { WatchEvent } from '../protocol/watch-message';
import type { HeldChunk } from '../relay/chunk-window';
import { trackInfo } from '../relay/track-info';
import type { EpochStart, ViewerOutlet } from '../relay/viewer-outlet';
import type { Peer } from '../socket/peer';

/** The way out to a viewer that speaks `sluice.v1`: container bytes, and a message before each thing it should know. */
export class MessageOutlet implements ViewerOutlet {
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  begin({ epoch, position, resumed }: EpochStart): void {
    const { mime, tracks, bytes } = epoch.init;
    this.tell({ type: 'init', epoch: epoch.id, mime, tracks: tracks.map(trackInfo), position, resumed });
    if (!resumed) this.#peer.sendMedia(bytes);
  }

  send(chunks: readonly HeldChunk[]): void {
    for (const { chunk } of chunks) this.#peer.sendMedia(chunk.bytes);
  }

  tell(event: WatchEvent): void {
    this.#peer.tell(event);
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
