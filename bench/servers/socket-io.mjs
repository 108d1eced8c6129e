// socket.io with its defaults: each event of a publisher is emitted to everybody else.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

/** @typedef {{ on: (event: string, listener: (data: unknown) => void) => void, broadcast: { emit: (event: string, data: unknown) => void } }} IoSocket */

const { Server } = createRequire(import.meta.url)('socket.io');
const http = createServer();
const io = new Server(http);
io.on('connection', (/** @type {IoSocket} */ socket) => {
  socket.on('media', (data) => socket.broadcast.emit('media', data));
});
http.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
  console.log(`http://127.0.0.1:${port}/`);
});
