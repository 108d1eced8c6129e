import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { guardedClock, on, once } from '../base/guard';
import { RelayRequest } from './relay-request';
import { takeTurns } from './request-turns';
import type { TlsCredentials } from './tls-credentials';
import { writeInPieces } from './tls-pieces';
import { whenGone } from './when-gone';

/**
 * How many connections may wait until they are accepted; the system may allow fewer (`net.core.somaxconn`). All viewers of a relay that
 * was restarted come back within a second. What finds no place is tried again by the client's system after 1, 3 and 7 s, and Node's
 * own 511 were full at once.
 */
const BACKLOG = 8_192;
/** How long the head of a request may take, ms. */
const HEADERS_TIMEOUT = 10_000;
/** How often Node looks for connections that are over that limit, ms. */
const CHECKING_INTERVAL = 2_000;
/** How long a relay that stops gives a connection to take what is queued for it, ms: more than a viewer may lag that isn't skipped. */
const FLUSH_TIME = 2_500;
/** How long it gives one for which nothing is queued to close, ms. */
const CLOSE_TIME = 500;
/** How often it looks at them, ms. */
const LOOK_INTERVAL = 50;

/** Nest's express adapter on a server whose requests may last for days, and which knows its sockets. */
export class RelayHttpAdapter extends ExpressAdapter {
  readonly #options: ServerOptions;
  readonly #tls: TlsCredentials | undefined;
  /** All that are open, by their other end: of TLS and the connection below it, the later. One that has been reset already has none. */
  readonly #sockets = new Map<string | Socket, Socket>();
  #tlsServer: TlsServer | undefined;
  #stopped: Promise<void> | undefined;

  /** With `tls` it speaks HTTPS, else HTTP. */
  constructor(options: ServerOptions = {}, tls?: TlsCredentials) {
    super();
    this.#options = options;
    this.#tls = tls;
    this.disable('x-powered-by');
    // What decides by a path (the log, security headers, challenges) would have to know all ways to write it. Nest has made
    // the router by now, so that Express's setting comes too late.
    this.getInstance<{ router: { caseSensitive: boolean } }>().router.caseSensitive = true;
  }

  override initHttpServer(): void {
    const options = { connectionsCheckingInterval: CHECKING_INTERVAL, IncomingMessage: RelayRequest, ...this.#options };
    const listener = this.getInstance<() => void>();
    if (this.#tls !== undefined) this.#tlsServer = createTlsServer({ ...options, ...this.#tls, handshakeTimeout: this.#options.headersTimeout ?? HEADERS_TIMEOUT }, listener);
    const server: Server = this.#tlsServer ?? createServer(options, listener);
    takeTurns(server);
    on(server, 'request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      whenGone(response, () => {
        // Nobody may ask again.
        if (this.#stopped !== undefined) socket.destroySoon();
      });
    });
    // Whatever the options say: a push is one request, and Node would end it after five minutes.
    server.requestTimeout = 0;
    server.headersTimeout = this.#options.headersTimeout ?? HEADERS_TIMEOUT;
    on(server, 'connection', (socket: Socket) => this.#track(socket));
    // What is queued for a client of TLS is queued here, and not in the connection below, which ends with it.
    on(server, 'secureConnection', (socket: Socket) => {
      writeInPieces(socket);
      this.#track(socket);
    });
    this.httpServer = server;
  }

  override listen(port: string | number, hostname?: string | (() => void), callback?: () => void): Server {
    const [host, listening] = typeof hostname === 'function' ? [undefined, hostname] : [hostname, callback];
    return (this.httpServer as Server).listen({ port: Number(port), backlog: BACKLOG, ...(host !== undefined && { host }) }, listening);
  }

  /**
   * Takes no more connections; resolves when all that there are have ended. Must come before the answers under way are
   * ended: Node takes a connection whose answer is written but not sent for an idle one, and destroys it.
   */
  override close(): Promise<void> {
    return (this.#stopped ??= new Promise((resolve) => (this.httpServer as Server).close(() => resolve())));
  }

  /**
   * Resolves when every connection has ended, upgraded ones too. One that has something queued may take its time to send
   * it, up to 2.5 s in all; one that hasn't is destroyed if it doesn't close within half a second.
   */
  async endConnections(): Promise<void> {
    const closed = Promise.all([...this.#sockets.values()].map((socket) => new Promise((resolve) => once(socket, 'close', resolve))));
    const deadline = performance.now() + FLUSH_TIME;
    const lastQueued = new Map<Socket, number>();
    const look = (): void => {
      const now = performance.now();
      for (const socket of this.#sockets.values()) {
        if (socket.writableLength > 0 || !lastQueued.has(socket)) lastQueued.set(socket, now);
        if (now >= deadline || now - (lastQueued.get(socket) ?? now) >= CLOSE_TIME) socket.destroy();
      }
    };
    const stopLooking = guardedClock.every(LOOK_INTERVAL, look);
    look();
    await closed;
    stopLooking();
  }

  /** Takes another certificate into use for connections to come; nothing without TLS. */
  renewTls(credentials: TlsCredentials): void {
    this.#tlsServer?.setSecureContext(credentials);
  }

  #track(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const end = remoteAddress === undefined ? socket : `${remoteAddress} ${remotePort}`;
    this.#sockets.set(end, socket);
    once(socket, 'close', () => {
      if (this.#sockets.get(end) === socket) this.#sockets.delete(end);
    });
  }
}
