import { CloseCode, type SluiceError } from '../protocol/error-code';
import type { MediaMessage } from '../relay/media-message';
import type { EpochStart, MediaPlace, ViewerOutlet } from '../relay/viewer-outlet';
import type { Peer } from '../socket/peer';
import { receiptPing } from './receipt-ping';

/**
 * The way out to a viewer that gets container bytes and nothing else: one epoch, then it has to connect again. It sends no
 * receipts, but every WebSocket client answers a ping with the ping's own bytes, in order.
 */
export class PlainOutlet implements ViewerOutlet {
  readonly transport = 'websocket';
  readonly receipts = true;
  readonly #peer: Peer;
  #begun = false;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  begin({ init, resumed }: EpochStart): void {
    if (this.#begun) {
      this.#peer.close(CloseCode.newEpoch, 'new-epoch');
      return;
    }
    this.#begun = true;
    if (!resumed) this.#peer.sendMedia(init.bytes);
  }

  send({ bytes }: MediaMessage): void {
    this.#peer.sendMedia(bytes);
  }

  sendAll(messages: readonly MediaMessage[]): void {
    this.#peer.sendAll(messages);
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
