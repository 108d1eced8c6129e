import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy before a relay. */
export interface BlockingProxy {
  readonly url: string;
  /** WebSockets that it has ended. */
  readonly refused: number;
  close(): void;
}

/** Starts a proxy that passes requests on to `target`, and ends every WebSocket; at `port`, if it is to be where another was. */
export async function blockingProxy(target: string, port = 0): Promise<BlockingProxy> {
  let refused = 0;
  const server = createServer((incoming, response) => {
    const passed = request(target + (incoming.url ?? ''), { method: incoming.method, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  server.on('upgrade', (_request, socket) => {
    refused++;
    socket.destroy();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
