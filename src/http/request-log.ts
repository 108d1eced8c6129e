import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../base/log';
import type { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { whenGone } from './when-gone';
import { pathOf, whoOf } from './who-of';

/** Tells, for debugging, how every request was answered. */
export function requestLog(log: Log, clock: Clock) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const begun = clock.now();
    whenGone(response, () => {
      log.debug({ ...whoOf(request), method: request.method, path: pathOf(request), status: response.statusCode, ms: Math.round(clock.now() - begun) }, 'Request is over');
    });
    next();
  };
}

/** Logs who was turned away before any route. */
export function logVisitor(log: Log, request: IncomingMessage, error: SluiceError): void {
  log.warn({ ...whoOf(request), path: pathOf(request), code: error.code, reason: error.message }, 'Visitor is refused');
}
