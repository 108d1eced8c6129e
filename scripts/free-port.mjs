import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port that nobody has just now, for a server that can't choose one itself. */
export async function freePort() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
