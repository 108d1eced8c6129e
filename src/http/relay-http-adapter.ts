import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';

/** How long the head of a request may take, ms. */
const HEADERS_TIMEOUT = 10_000;
/** How often Node looks for connections that are over that limit, ms. */
const CHECKING_INTERVAL = 2_000;

/** Nest's express adapter on a server whose requests may last for days, and which knows its sockets. */
export class RelayHttpAdapter extends ExpressAdapter {
  readonly #options: ServerOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: ServerOptions = {}) {
    super();
    this.#options = options;
    this.disable('x-powered-by');
  }

  override initHttpServer(): void {
    const options = { connectionsCheckingInterval: CHECKING_INTERVAL, ...this.#options };
    const server: Server = createServer(options, this.getInstance<() => void>());
    // Whatever the options say: a push is one request, and Node would end it after five minutes.
    server.requestTimeout = 0;
    server.headersTimeout = HEADERS_TIMEOUT;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.httpServer = server;
  }

  /** Resolves when every connection has ended, upgraded ones too; those that haven't after `grace` ms are destroyed. */
  async endConnections(grace: number): Promise<void> {
    const closed = Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, grace);
    await closed;
    clearTimeout(timer);
  }
}
