import type { IncomingMessage } from 'node:http';
import { isIPv4 } from 'node:net';
import { visitOf } from '../http/visit';

const HOST = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]\\]+))(?::\d{1,5})?$/i;

/** The name or address in a `Host` header, lower case, without port and brackets; undefined if it is none. */
export function hostName(header: string | undefined): string | undefined {
  const match = HOST.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/** Whether a name or address, as `hostName` or a socket gives it, means this machine itself. */
export function isLoopback(name: string): boolean {
  const address = name.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return address === 'localhost' || address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

/**
 * Whether the `Origin` of a request names the host and port that it is for, and HTTPS or not as the request came, if that is
 * known. `null`, of a sandboxed page, names none.
 */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const { host = '', secure } = visitOf(request);
  const { origin = '' } = request.headers;
  try {
    const page = new URL(origin);
    const schemes = [...(secure === true ? [] : ['http:']), ...(secure === false ? [] : ['https:'])];
    return schemes.includes(page.protocol) && page.host === new URL(`${page.protocol}//${host}`).host;
  } catch {
    return false;
  }
}
