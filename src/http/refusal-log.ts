import type { IncomingMessage } from 'node:http';
import type { Log } from '../observe/log';
import type { SluiceError } from '../protocol/error-code';
import { visitOf } from './visit';

/** Tells the log who was turned away before any door. What stands behind the path may be secret: a session, a key. */
export function logVisitor(log: Log, request: IncomingMessage, error: SluiceError): void {
  const [path = ''] = (request.url ?? '').split('?');
  log.warn({ peer: peerOf(request), path: path.slice(0, 80), code: error.code, reason: error.message }, 'Visitor is refused');
}

/** Address and port of whoever sent a request, for the log. Behind a proxy nobody knows the port. */
export function peerOf(request: IncomingMessage): string {
  const { address, proxied } = visitOf(request);
  return proxied ? address : `${address}:${request.socket.remotePort ?? 0}`;
}
