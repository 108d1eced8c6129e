import { WebSocket } from 'ws';
import { SluiceError } from '../protocol/error-code';
import { refuseSocket } from './farewell';

const TOO_LARGE = 1009;

/** The event of a `RelaySocket` that has refused what came, with the `SluiceError` that it told. */
export const REFUSED = 'refused';

/** A WebSocket that tells a coded error where `ws` would close without a reason. */
export class RelaySocket extends WebSocket {
  /** `ws` closes with 1009 and no reason when a message passes `maxPayload`; a client that closes so gives one, if empty. */
  override close(code?: number, reason?: string | Buffer): void {
    if (code === TOO_LARGE && reason === undefined && this.readyState === WebSocket.OPEN) {
      this.refuse(new SluiceError('message-too-large', 'Cannot take a message of this size'));
    } else {
      super.close(code, reason);
    }
  }

  /** Tells what is wrong with what came, and closes. Nothing more is heard of this client but how it closes. */
  refuse(error: SluiceError): void {
    if (this.readyState !== WebSocket.OPEN) return;
    refuseSocket(this, error);
    for (const event of ['message', 'ping', 'pong']) this.removeAllListeners(event);
    this.emit(REFUSED, error);
  }
}
