import type { IncomingMessage, ServerResponse } from 'node:http';
import { SluiceError } from '../protocol/error-code';
import { refuse } from './refuse';

/**
 * Refuses what can't be expected (RFC 9110, section 10.1.1). A request that waits for "100 Continue" goes its ordinary way: whoever
 * takes its body says `goOn` once that is decided, and everything else is answered at once.
 */
export function refuseExpectation({ headers }: IncomingMessage, response: ServerResponse): void {
  const expected = JSON.stringify((headers.expect ?? '').slice(0, 80));
  refuse(response, new SluiceError('bad-request', `Cannot do what is expected: ${expected} is not "100-continue"`));
}

/** Has a client that waits for it send the body. ffmpeg prints a refusal only if it comes before this. */
export function goOn({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined) response.writeContinue();
}
