import type { MediaPieces } from '../media/patched-media';
import type { SluiceError } from '../protocol/error-code';
import type { WatchEvent } from '../protocol/watch-message';
import type { MediaMessage } from '../relay/media-message';
import { trackInfo } from '../relay/track-info';
import type { EpochStart, ViewerOutlet } from '../relay/viewer-outlet';
import type { Peer } from '../socket/peer';

/** The way out to a viewer that speaks `sluice.v1`: container bytes, and a message before each thing it should know. */
export class MessageOutlet implements ViewerOutlet {
  readonly transport = 'sluice.v1';
  readonly receipts = true;
  /** It is told of each epoch, and has its times. */
  readonly ownTimes = undefined;
  readonly #peer: Peer;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  begin({ epoch, init: { mime, tracks, bytes }, position, resumed }: EpochStart): void {
    this.tell({ type: 'init', epoch, mime, tracks: tracks.map(trackInfo), position, resumed });
    if (!resumed) this.#peer.sendMedia(bytes);
  }

  send({ bytes }: MediaMessage): void {
    this.#peer.sendMedia(bytes);
  }

  sendAll(messages: readonly MediaMessage[]): void {
    this.#peer.sendAll(messages);
  }

  sendMoved(messages: readonly MediaPieces[]): void {
    this.#peer.sendPieces(messages);
  }

  /** It sends receipts by itself. */
  mark(): void {
    // Nothing to ask for.
  }

  sync(id: number): void {
    this.tell({ type: 'sync', id });
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
