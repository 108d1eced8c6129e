import { WebSocket } from 'ws';
import { guardedClock, once } from '../base/guard';
import { CloseCode, entryOf, type SluiceError } from '../protocol/error-code';
import { SUBPROTOCOL } from '../protocol/subprotocol';
import { errorEvent } from './error-event';

/** How long a client may take to answer a final error, ms. */
const PATIENCE = 1_000;
/**
 * The same for one that has stopped reading, ms: it can be told only once it reads again, and a connection that is
 * destroyed before answers what it sends then by a reset, which takes away what still waits for it.
 */
const SLOW_PATIENCE = 20_000;
/** What a close frame has room for beside its code, bytes (RFC 6455, section 5.5). */
const MAX_REASON = 123;

/** Tells a client what is wrong, in a message if it speaks `sluice.v1`, and closes; one that doesn't answer is cut off. */
export function refuseSocket(socket: WebSocket, error: SluiceError): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.protocol === SUBPROTOCOL) socket.send(JSON.stringify(errorEvent(error)));
  socket.close(entryOf(error).close, closeReason(`${error.code}: ${error.message}`));
  const stopTimer = guardedClock.after(error.code === 'too-slow' ? SLOW_PATIENCE : PATIENCE, () => socket.terminate());
  once(socket, 'close', stopTimer);
}

/** Tells a client that its stream is over, or that the relay restarts, behind all that was sent to it before; and closes. */
export function endSocket(socket: WebSocket, reason: 'ended' | 'restart'): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.protocol === SUBPROTOCOL) socket.send(JSON.stringify({ type: 'end', reason }));
  socket.close(reason === 'restart' ? CloseCode.restart : CloseCode.end, reason);
}

/** As much of `text` as a close frame holds, without half a character at its end. */
export function closeReason(text: string): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, MAX_REASON), { stream: true });
}
