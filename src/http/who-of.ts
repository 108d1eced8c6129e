import type { IncomingMessage } from 'node:http';
import { visitOf } from './visit';

/** Whom a line of the log is about. */
export interface Who {
  /** Of the request, or the socket that it became; answered as `X-Request-Id`. */
  readonly id: string;
  /** Address and port. Behind a proxy nobody knows the port. */
  readonly peer: string;
}

/** Who sent a request, for the log. */
export function whoOf(request: IncomingMessage): Who {
  const { id, address, proxied } = visitOf(request);
  return { id, peer: proxied ? address : `${address}:${request.socket.remotePort ?? 0}` };
}

/** The random name in the addresses of HLS media: who knows it may read them. */
const TIMELINE = /^(\/hls\/[^/]+\/)[^/]+(?=\/)/;

/** The path of a request, for the log. What stands behind it may be secret: a session, a key. */
export function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?');
  return path.replace(TIMELINE, '$1…').slice(0, 200);
}
