// What most people write: each message of a publisher is sent to every viewer. Run by bench:fanout and bench:slow.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const http = createServer();
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
/** @type {Set<import('ws').WebSocket>} */
const viewers = new Set();
sockets.on('connection', (socket, { url = '' }) => {
  socket.on('error', () => undefined);
  if (url.startsWith('/publish')) {
    socket.on('message', (data) => {
      for (const viewer of viewers) viewer.send(data, { binary: true });
    });
  } else {
    viewers.add(socket);
    socket.on('close', () => viewers.delete(socket));
  }
});
http.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
  console.log(`http://127.0.0.1:${port}/`);
});
