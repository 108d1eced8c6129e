// What jsmpeg's own relay does: whatever is posted is sent to every viewer as it comes. Run by bench:glass.
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const http = createServer((request, response) => {
  request.on('data', (bytes) => {
    for (const viewer of viewers.clients) if (viewer.readyState === WebSocket.OPEN) viewer.send(bytes);
  });
  request.on('end', () => response.end());
});
const viewers = new WebSocketServer({ server: http, perMessageDeflate: false });
http.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
  console.log(`http://127.0.0.1:${port}/`);
});
