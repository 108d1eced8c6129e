import type { IncomingMessage } from 'node:http';
import { mountOf } from './mount';
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

/** What an absolute-form target begins with, RFC 9112 §3.2.2. */
const AUTHORITY = /^[a-z][a-z\d+.-]*:\/\/[^/?#\\]*/i;
/** What a query begins with, also where somebody has escaped it. */
const QUERY = /\?|%3f/i;
/** A slash, also one that only some programs take for one. */
const SLASHES = /(?:[/\\]|%2f|%5c)+/i;
/** The files of HLS: only their names are logged of what stands after the name of the stream. */
const HLS_FILE = /^(?:(?:index|media)\.m3u8|init\d+\.mp4|p?\d+\.m4s)$/;
const LONGEST = 200;

/**
 * The path of a request, for the log. The query is left out, since it may hold a session or a key; of an HLS address so are
 * the session and the name of the timeline, which give access to media, however the address is written.
 */
export function pathOf(request: Pick<IncomingMessage, 'url'>): string {
  return mountOf(request) + pathBelow(request.url ?? '');
}

function pathBelow(url: string): string {
  const [path = ''] = url.replace(AUTHORITY, '').split(QUERY);
  const pieces = path.split(SLASHES);
  const hls = pieces.findIndex((piece) => decoded(piece).toLowerCase() === 'hls');
  if (hls < 0) return path.slice(0, LONGEST);
  const file = pieces.filter((piece) => piece !== '').at(-1) ?? '';
  const rest = pieces.length - hls - 2;
  const shown = pieces.slice(0, hls + 2);
  if (rest > 1) shown.push('…');
  if (rest > 0) shown.push(HLS_FILE.test(file) ? file : '…');
  return shown.join('/').slice(0, LONGEST);
}

function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    // No route has such a piece.
    return piece;
  }
}
