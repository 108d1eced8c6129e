import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Throttle } from './throttle.mjs';

/** How often bytes are let through, ms. */
const TICK = 20;

/** A way to a server through which its answers come at a limited rate. What the clients send passes at once. */
export class SlowProxy {
  #server;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();

  /**
   * @param {{ port: number, rate: number }} options Bytes a second for each connection.
   */
  static async open({ port, rate }) {
    const proxy = new SlowProxy({ port, rate });
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** @param {{ port: number, rate: number }} options */
  constructor({ port, rate }) {
    this.#server = createServer((client) => this.#join(client, connect(port, '127.0.0.1'), rate));
  }

  get port() {
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  /**
   * @param {import('node:net').Socket} client
   * @param {import('node:net').Socket} upstream
   * @param {number} rate
   */
  #join(client, upstream, rate) {
    const throttle = new Throttle({ rate, burst: (rate * TICK * 2) / 1000, now: performance.now() });
    client.pipe(upstream);
    // It is read only as fast as it may pass: the rest waits at the server.
    upstream.on('readable', () => undefined);
    const timer = setInterval(() => {
      const size = client.writableNeedDrain ? 0 : throttle.take(upstream.readableLength, performance.now());
      if (size > 0) client.write(upstream.read(size));
      if (upstream.readableEnded && !client.writableEnded) client.end();
      else upstream.read(0);
    }, TICK);
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        clearInterval(timer);
        this.#sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  }
}
