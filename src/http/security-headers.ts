import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { visitOf } from './visit';

/** What the headers go by. */
export interface SecurityOptions {
  /** Pages of these origins may show the watch page in a frame. */
  readonly embedOrigins: readonly string[];
  /** Whether the relay itself speaks HTTPS with a certificate that browsers know. */
  readonly knownCertificate: boolean;
}

/** Sets the headers of an answer. */
export type SecurityHeaders = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** How long a browser that came by HTTPS comes by nothing else, seconds. */
const HSTS_AGE = 180 * 86_400;
/** What only pages of the relay may use, and no frame in them. */
const PERMISSIONS = 'camera=(self), microphone=(self), display-capture=(self)';
/** A host with nothing in it that has a meaning in a policy. */
const PLAIN_HOST = /^[\w.-]+(?::\d+)?$|^\[[\da-f:.]+\](?::\d+)?$/i;

/** Says in every answer what a page of the relay may load and do, and who may show it. */
export function securityHeaders({ embedOrigins, knownCertificate }: SecurityOptions): SecurityHeaders {
  const frames = (request: IncomingMessage): string => ["'self'", ...(isEmbeddable(request) ? embedOrigins : [])].join(' ');
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        'script-src': ["'self'"],
        'script-src-attr': ["'none'"],
        // media-chrome and Lit put styles into shadow roots.
        'style-src': ["'self'", "'unsafe-inline'"],
        'img-src': ["'self'", 'data:', 'blob:'],
        'media-src': ["'self'", 'blob:'],
        'worker-src': ["'self'", 'blob:'],
        'connect-src': ["'self'", ownSockets],
        'object-src': ["'none'"],
        'base-uri': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': [frames],
      },
    },
    // Tells nobody which stream was watched, and by which token.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: knownCertificate && { maxAge: HSTS_AGE, includeSubDomains: false },
    // Browsers ignore both on plain HTTP, and complain.
    crossOriginOpenerPolicy: knownCertificate,
    originAgentCluster: knownCertificate,
    // Pages of other sites have to ask by CORS, which knows them apart: this would let in all of them, or none.
    crossOriginResourcePolicy: { policy: 'same-origin' },
    // It knows no list of origins: with one, `frame-ancestors` alone says who may.
    xFrameOptions: embedOrigins.length === 0 && { action: 'sameorigin' },
  });
  return (request, response, next) => {
    response.setHeader('Permissions-Policy', PERMISSIONS);
    headers(request, response, next);
  };
}

/** Safari before 16 doesn't take sockets of the same host for `'self'`. */
function ownSockets(request: IncomingMessage): string {
  const { host = '' } = visitOf(request);
  return PLAIN_HOST.test(host) ? `ws://${host} wss://${host}` : "'self'";
}

/** Only the page that plays: what has buttons that change something could be clicked unseen. */
function isEmbeddable({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/watch/');
}
