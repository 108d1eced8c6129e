import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';

/** How long the head of a request may take, ms. */
const HEADERS_TIMEOUT = 10_000;
/** How often Node looks for connections that are over that limit, ms. */
const CHECKING_INTERVAL = 2_000;
/** How long a relay that stops gives a connection to take what is queued for it, ms. */
const FLUSH_TIME = 5_000;
/** How long it gives one for which nothing is queued to close, ms. */
const CLOSE_TIME = 500;
/** How often it looks at them, ms. */
const LOOK_INTERVAL = 50;

/** Nest's express adapter on a server whose requests may last for days, and which knows its sockets. */
export class RelayHttpAdapter extends ExpressAdapter {
  readonly #options: ServerOptions;
  readonly #sockets = new Set<Socket>();
  #stopped: Promise<void> | undefined;

  constructor(options: ServerOptions = {}) {
    super();
    this.#options = options;
    this.disable('x-powered-by');
  }

  override initHttpServer(): void {
    const options = { connectionsCheckingInterval: CHECKING_INTERVAL, ...this.#options };
    const server: Server = createServer(options, this.getInstance<() => void>());
    server.on('request', ({ socket }, response) => {
      response.once('close', () => {
        // Nobody may ask again.
        if (this.#stopped !== undefined) socket.destroySoon();
      });
    });
    // Whatever the options say: a push is one request, and Node would end it after five minutes.
    server.requestTimeout = 0;
    server.headersTimeout = this.#options.headersTimeout ?? HEADERS_TIMEOUT;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.httpServer = server;
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
   * it, up to 5 s in all; one that hasn't is destroyed if it doesn't close within half a second.
   */
  async endConnections(): Promise<void> {
    const closed = Promise.all([...this.#sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    const deadline = performance.now() + FLUSH_TIME;
    const lastQueued = new Map<Socket, number>();
    const look = (): void => {
      const now = performance.now();
      for (const socket of this.#sockets) {
        if (socket.writableLength > 0 || !lastQueued.has(socket)) lastQueued.set(socket, now);
        if (now >= deadline || now - (lastQueued.get(socket) ?? now) >= CLOSE_TIME) socket.destroy();
      }
    };
    const timer = setInterval(look, LOOK_INTERVAL);
    look();
    await closed;
    clearInterval(timer);
  }
}
