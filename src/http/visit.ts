import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type Forwarded, type ForwardedHeader, plainAddress, readForwarded } from './forwarded-header';
import { TrustedProxies } from './trusted-proxies';

/** Who sent a request, and how: what its connection shows, and what trusted proxies say. */
export interface Visit {
  /** Tells its lines in the log from others: that of a trusted proxy, or one of the relay's own. */
  readonly id: string;
  /** The address of whoever sent it. */
  readonly address: string;
  /** The `Host` that was asked for: a proxy may have written another into the request. */
  readonly host: string | undefined;
  /** Whether it was sent by HTTPS; undefined if nobody knows, since any proxy may stand before the relay. */
  readonly secure: boolean | undefined;
  /** Whether a trusted proxy passed it on. */
  readonly proxied: boolean;
}

/** Which proxies are trusted, and which of their headers. */
export interface ProxyOptions {
  readonly trustProxy: readonly string[];
  readonly proxyHeader: ForwardedHeader;
}

/** The header of an id, and what an id may be that others choose. */
export const REQUEST_ID = 'X-Request-Id';
const ID = /^[\w.:-]{1,64}$/;

const NOTHING: Forwarded = { addresses: [], host: undefined, proto: undefined };
const NOBODY = new TrustedProxies([]);
const visits = new WeakMap<IncomingMessage, Visit>();

/** What is known of a request. Of one that no `visitNotes` has seen, what its connection shows. */
export function visitOf(request: IncomingMessage): Visit {
  const visit = visits.get(request) ?? readVisit(request, NOBODY);
  visits.set(request, visit);
  return visit;
}

/** Returns what notes the visit of a request, before anything else hears of it. */
export function visitNotes({ trustProxy, proxyHeader }: ProxyOptions): (request: IncomingMessage) => Visit {
  const proxies = new TrustedProxies(trustProxy);
  return (request) => {
    const visit = visits.get(request) ?? readVisit(request, proxies, proxyHeader);
    visits.set(request, visit);
    return visit;
  };
}

function readVisit({ socket, headers }: IncomingMessage, proxies: TrustedProxies, header: ForwardedHeader = 'x-forwarded-for'): Visit {
  const peer = plainAddress(socket.remoteAddress ?? '') ?? socket.remoteAddress ?? 'unknown';
  const proxied = proxies.has(peer, 0);
  const { addresses, host, proto } = proxied ? readForwarded(headers, header) : NOTHING;
  const told = proto === undefined ? undefined : proto.toLowerCase() === 'https';
  const given = headers['x-request-id'];
  return {
    id: proxied && typeof given === 'string' && ID.test(given) ? given : randomUUID(),
    address: proxies.clientOf(peer, addresses),
    host: host ?? headers.host,
    secure: told ?? (socket instanceof TLSSocket ? true : undefined),
    proxied,
  };
}
