import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { on } from '../base/guard';
import { OpenConnections } from './open-connections';
import { RelayRequest } from './relay-request';
import { takeTurns } from './request-turns';
import { ServerGate } from './server-gate';
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

/** Nest's express adapter on a server whose requests may last for days, and which knows its sockets. What it answers is mounted at its `ServerGate`. */
export class RelayHttpAdapter extends ExpressAdapter {
  readonly #options: ServerOptions;
  readonly #tls: TlsCredentials | undefined;
  readonly #connections = new OpenConnections();
  #tlsServer: TlsServer | undefined;
  #stopped: Promise<void> | undefined;

  /** With `tls` it speaks HTTPS, else HTTP. */
  constructor(options: ServerOptions = {}, tls?: TlsCredentials) {
    super();
    this.#options = options;
    this.#tls = tls;
  }

  override initHttpServer(): void {
    const options = { connectionsCheckingInterval: CHECKING_INTERVAL, IncomingMessage: RelayRequest, ...this.#options };
    const listener = this.getInstance<() => void>();
    if (this.#tls !== undefined) this.#tlsServer = createTlsServer({ ...options, ...this.#tls, handshakeTimeout: this.#options.headersTimeout ?? HEADERS_TIMEOUT }, listener);
    const server: Server = this.#tlsServer ?? createServer(options, listener);
    takeTurns(server);
    ServerGate.of(server).before(({ socket }, response) => {
      // Of an upgrade the socket itself is known.
      if (response === undefined) return;
      whenGone(response, () => {
        // Nobody may ask again.
        if (this.#stopped !== undefined) socket.destroySoon();
      });
    });
    // Whatever the options say: a push is one request, and Node would end it after five minutes.
    server.requestTimeout = 0;
    server.headersTimeout = this.#options.headersTimeout ?? HEADERS_TIMEOUT;
    on(server, 'connection', (socket: Socket) => void this.#connections.add(socket));
    // What is queued for a client of TLS is queued here, and not in the connection below, which ends with it.
    on(server, 'secureConnection', (socket: Socket) => {
      writeInPieces(socket);
      this.#connections.add(socket);
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

  /** Resolves when every connection has ended: see `OpenConnections.end`. */
  endConnections(): Promise<void> {
    return this.#connections.end();
  }

  /** Takes another certificate into use for connections to come; nothing without TLS. */
  renewTls(credentials: TlsCredentials): void {
    this.#tlsServer?.setSecureContext(credentials);
  }
}
