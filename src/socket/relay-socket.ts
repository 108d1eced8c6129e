import { WebSocket } from 'ws';
import { SluiceError } from '../protocol/error-code';
import { refuseSocket } from './farewell';

const TOO_LARGE = 1009;

/** A WebSocket that tells a coded error where `ws` would close without a reason. */
export class RelaySocket extends WebSocket {
  /** `ws` closes with 1009 and no reason when a message passes `maxPayload`; a client that closes so gives one, if empty. */
  override close(code?: number, reason?: string | Buffer): void {
    if (code === TOO_LARGE && reason === undefined) refuseSocket(this, new SluiceError('message-too-large', 'Cannot take a message of this size'));
    else super.close(code, reason);
  }
}
