import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { reportFault } from '../base/faults';
import { guardedClock, on, once } from '../base/guard';
import { entryOf, SluiceError } from '../protocol/error-code';
import { lacksLength } from './body-length';
import { discardInput } from './request-turns';

/** How long the rest of a refused body is read and thrown away, ms: a socket closed at once would take the answer with it. */
const DISCARD_TIME = 1_000;
/** Characters of a reason phrase. */
const LONGEST_REASON = 600;

/**
 * Answers with the error's status and `{error: {code, message, remedy}}`, or with an HTML page that says so.
 * Where a body is still coming the answer leaves at once, the body is discarded for up to a second, and the connection ends.
 */
export function refuse(response: ServerResponse, error: SluiceError, page?: string): void {
  const request = response.req;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, remedy } = entryOf(error);
  const body = Buffer.from(page ?? JSON.stringify({ error: { code: error.code, message: error.message, remedy } }));
  const unread = bodyIsComing(request);
  if (request.headers.expect !== undefined) response.statusMessage = reasonPhrase(error);
  response.writeHead(status, {
    'Content-Type': `${page === undefined ? 'application/json' : 'text/html'}; charset=utf-8`,
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...(error.retryAfter !== undefined && { 'Retry-After': Math.ceil(error.retryAfter) }),
    ...(status === 401 && challenge(request, error)),
    ...(status === 426 && { Upgrade: 'websocket' }),
    ...(unread && { Connection: 'close' }),
  });
  if (unread) discardThenEnd(request, response, body);
  else response.end(body);
}

/** What to answer for anything thrown: itself if it is coded, else `internal` without details, which the log has: it is a fault of ours. */
export function codedError(thrown: unknown, where = 'a request'): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  reportFault(thrown, where);
  return new SluiceError('internal', 'Something went wrong in the relay', { cause: thrown });
}

/**
 * The code, the message and the remedy beside the status, for a client that waits for "100 Continue": of an answer that comes
 * before that, ffmpeg prints the first line.
 */
function reasonPhrase(error: SluiceError): string {
  const { status, remedy } = entryOf(error);
  // Whatever a message quotes, a status line holds printable ASCII alone.
  return `${STATUS_CODES[status] ?? ''} (${error.code}: ${error.message}. ${remedy})`.replace(/[^ -~]/g, '?').slice(0, LONGEST_REASON);
}

/** RFC 9110 §11.6.1. For Basic a browser asks its user for a password: not whenever a page asks the API for more than it may, and not in the middle of a video. */
function challenge({ url = '' }: IncomingMessage, { code }: SluiceError): Record<string, string> {
  if (url.startsWith('/api/')) return {};
  return { 'WWW-Authenticate': code === 'grant-expired' ? 'Bearer realm="Sluice", error="invalid_token"' : 'Basic realm="Sluice", charset="UTF-8"' };
}

function bodyIsComing(request: IncomingMessage): boolean {
  if (lacksLength(request)) return true;
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return !request.complete && (encoding !== undefined || (length !== undefined && length !== '0'));
}

/** Sends the whole answer but doesn't end it: at the end Node closes the socket, unread bytes and all. */
function discardThenEnd(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { socket } = request;
  const finish = (): void => {
    stopTimer();
    response.end(() => socket.destroy());
  };
  const stopTimer = guardedClock.after(DISCARD_TIME, finish);
  request.removeAllListeners('data');
  if (lacksLength(request)) {
    // Node takes this body for requests to come.
    discardInput(socket, finish);
    once(socket, 'close', stopTimer);
  } else {
    once(request, 'end', finish);
    once(request, 'close', stopTimer);
  }
  request.resume();
  on(response, 'error', () => socket.destroy());
  response.write(body);
}
