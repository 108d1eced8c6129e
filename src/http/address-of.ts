import type { IncomingMessage } from 'node:http';
import { visitOf } from './visit';

/** The address of whoever sent a request: the other end of its connection, or whom trusted proxies name (`--trust-proxy`). */
export function addressOf(request: IncomingMessage): string {
  return visitOf(request).address;
}
