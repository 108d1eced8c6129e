import type { IncomingMessage } from 'node:http';

/** What a request's address has after its first question mark. */
export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url.split('?')[1]);
}
