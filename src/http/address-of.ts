import type { IncomingMessage } from 'node:http';

/** The address of whoever sent a request: the other end of its connection. What a header says of another isn't trusted. */
export function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? 'unknown';
}
