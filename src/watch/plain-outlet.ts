import type { MediaPieces } from '../media/patched-media';
import { CloseCode, type SluiceError } from '../protocol/error-code';
import type { MediaMessage } from '../relay/media-message';
import type { EpochStart, MediaPlace, OwnTimes, ViewerOutlet } from '../relay/viewer-outlet';
import type { Peer } from '../socket/peer';
import { receiptPing } from './receipt-ping';

/**
 * The way out to a viewer that gets container bytes and nothing else, as one timeline: where a new epoch can't go on with it, the
 * viewer has to connect again. It sends no receipts, but every WebSocket client answers a ping with the ping's own bytes, in order.
 */
export class PlainOutlet implements ViewerOutlet {
  readonly transport = 'websocket';
  readonly receipts = true;
  readonly ownTimes: OwnTimes;
  readonly #peer: Peer;
  #begun = false;

  /** `continuous`: whether it stays for new epochs of the same codecs. */
  constructor(peer: Peer, { continuous }: { continuous: boolean }) {
    this.#peer = peer;
    this.ownTimes = { fromZero: false, continuous };
  }

  begin({ init, resumed, continues }: EpochStart): void {
    if (this.#begun && continues === undefined) {
      this.#peer.close(CloseCode.newEpoch, 'new-epoch');
      return;
    }
    this.#begun = true;
    if (!resumed && continues !== 'same-init') this.#peer.sendMedia(init.bytes);
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

  mark(place: MediaPlace): void {
    this.#peer.ping(receiptPing(place));
  }

  sync(_id: number, place: MediaPlace): void {
    this.#peer.ping(receiptPing(place));
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
