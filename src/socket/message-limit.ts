import type { Socket } from 'node:net';
import { Allowance } from '../base/allowance';
import { on } from '../base/guard';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { RelaySocket } from './relay-socket';

/** How many messages, pings and pongs may come at once, seconds' worth. */
const BURST = 5;
/** All that comes from a client that sends no media, in bytes. */
const BYTES = { burst: 512 << 10, perSecond: 64 << 10 };
/** When a client that sent too much may come again, seconds: it would only do the same. */
const RETRY_AFTER = 10;
/** The largest text message, bytes. */
const MAX_TEXT = 64 << 10;

/** Closes the socket of a publisher that sends too many or too large text messages, or too many pings. Of media it may send any amount. */
export function limitPublisher(socket: RelaySocket, { clock, perSecond }: { clock: Clock; perSecond: number }): void {
  limitMessages(socket, { clock, perSecond, counts: (isBinary) => !isBinary });
}

/** Closes the socket of a viewer that sends too much of anything, also of what never becomes a message. */
export function limitViewer(socket: RelaySocket, { connection, clock, perSecond }: { connection: Socket; clock: Clock; perSecond: number }): void {
  limitMessages(socket, { clock, perSecond, counts: () => true });
  const bytes = new Allowance(BYTES, clock);
  on(connection, 'data', (data: Buffer) => {
    if (!bytes.spend(data.length)) socket.refuse(tooMany(`${BYTES.perSecond} bytes a second from a viewer`));
  });
}

function limitMessages(socket: RelaySocket, { clock, perSecond, counts }: { clock: Clock; perSecond: number; counts: (isBinary: boolean) => boolean }): void {
  const messages = new Allowance({ burst: BURST * perSecond, perSecond }, clock);
  const count = (): void => {
    if (!messages.spend(1)) socket.refuse(tooMany(`${perSecond} messages and pings a second (--max-message-rate)`));
  };
  on(socket, 'ping', count);
  on(socket, 'pong', count);
  on(socket, 'message', (data: Buffer, isBinary: boolean) => {
    if (!counts(isBinary)) return;
    if (data.length > MAX_TEXT) socket.refuse(new SluiceError('message-too-large', `Cannot take a message of more than ${MAX_TEXT} bytes`));
    else count();
  });
}

function tooMany(allowed: string): SluiceError {
  return new SluiceError('too-many', `Cannot take more than ${allowed}`, { retryAfter: RETRY_AFTER });
}
