import type { IncomingMessage } from 'node:http';

/** Methods whose requests have a body, of which there may be none. */
const WITH_BODY: ReadonlySet<string | undefined> = new Set(['PUT', 'POST', 'PATCH']);

/**
 * Whether a request that may have a body doesn't state where it ends. By RFC 9112, section 6.3, it has none then, but clients that
 * have learned HTTP/1.0 send one, up to the end of the connection.
 */
export function lacksLength({ method, headers }: IncomingMessage): boolean {
  return WITH_BODY.has(method) && headers['content-length'] === undefined && headers['transfer-encoding'] === undefined;
}
