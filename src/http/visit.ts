import type { IncomingMessage, Server } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type Forwarded, type ForwardedHeader, plainAddress, readForwarded } from './forwarded-header';
import { TrustedProxies } from './trusted-proxies';

/** Who sent a request, and how: what its connection shows, and what trusted proxies say. */
export interface Visit {
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

const NOTHING: Forwarded = { addresses: [], host: undefined, proto: undefined };
const NOBODY = new TrustedProxies([]);
const visits = new WeakMap<IncomingMessage, Visit>();

/** What is known of a request. Of one that `noteVisits` hasn't seen, what its connection shows. */
export function visitOf(request: IncomingMessage): Visit {
  return visits.get(request) ?? readVisit(request, NOBODY);
}

/** Notes the visit of every request of `server`, before anything else hears of it. */
export function noteVisits(server: Server, { trustProxy, proxyHeader }: ProxyOptions): void {
  const proxies = new TrustedProxies(trustProxy);
  const note = (request: IncomingMessage): void => {
    if (!visits.has(request)) visits.set(request, readVisit(request, proxies, proxyHeader));
  };
  for (const event of ['request', 'upgrade', 'checkContinue', 'checkExpectation']) server.prependListener(event, note);
}

function readVisit({ socket, headers }: IncomingMessage, proxies: TrustedProxies, header: ForwardedHeader = 'x-forwarded-for'): Visit {
  const peer = plainAddress(socket.remoteAddress ?? '') ?? socket.remoteAddress ?? 'unknown';
  const proxied = proxies.has(peer, 0);
  const { addresses, host, proto } = proxied ? readForwarded(headers, header) : NOTHING;
  const told = proto === undefined ? undefined : proto.toLowerCase() === 'https';
  return {
    address: proxies.clientOf(peer, addresses),
    host: host ?? headers.host,
    secure: told ?? (socket instanceof TLSSocket ? true : undefined),
    proxied,
  };
}
