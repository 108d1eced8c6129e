import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A way to a server on loopback. */
export class LoopbackLink {
  #server;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();

  /**
   * @param {number} port The server's.
   * @param {(client: import('node:net').Socket, upstream: import('node:net').Socket) => () => void} join
   * Passes on what comes, until the function that it gives is called, which may be called twice.
   */
  constructor(port, join) {
    this.#server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      const end = join(client, upstream);
      for (const socket of [client, upstream]) {
        this.#sockets.add(socket);
        socket.on('error', () => socket.destroy());
        socket.once('close', () => {
          end();
          this.#sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
      }
    });
  }

  get port() {
    return /** @type {import('node:net').AddressInfo} */ (this.#server.address()).port;
  }

  async listen() {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
