import type { IncomingMessage } from 'node:http';
import type { Log } from '../base/log';
import type { SluiceError } from '../protocol/error-code';
import { pathOf, whoOf } from './who-of';

/** Tells the log who was turned away before any door. */
export function logVisitor(log: Log, request: IncomingMessage, error: SluiceError): void {
  log.warn({ ...whoOf(request), path: pathOf(request), code: error.code, reason: error.message }, 'Visitor is refused');
}
