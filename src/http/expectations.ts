import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { on } from '../base/guard';
import { SluiceError } from '../protocol/error-code';
import { refuse } from './refuse';
import type { SecurityHeaders } from './security-headers';

/**
 * Answers `Expect` (RFC 9110, section 10.1.1). A request that waits for "100 Continue" goes its ordinary way: whoever takes its
 * body says `goOn` once that is decided, and everything else is answered at once. Nothing else can be expected.
 */
export function heedExpectations(server: Server, headers: SecurityHeaders): void {
  on(server, 'checkContinue', (request: IncomingMessage, response: ServerResponse) => void server.emit('request', request, response));
  on(server, 'checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    headers(request, response, () => undefined);
    const expected = JSON.stringify((request.headers.expect ?? '').slice(0, 80));
    refuse(response, new SluiceError('bad-request', `Cannot do what is expected: ${expected} is not "100-continue"`));
  });
}

/** Has a client that waits for it send the body. ffmpeg prints a refusal only if it comes before this. */
export function goOn({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.expect !== undefined) response.writeContinue();
}
