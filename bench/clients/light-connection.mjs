import { connect } from 'node:net';

/** What all connections read into: nothing is kept. */
const SHARED = Buffer.alloc(256 << 10);

/**
 * A connection that costs little: thousands run in one process. Its errors end it without a word.
 * @param {{ host: string, port: number }} server
 * @param {(bytes: Buffer) => void} onBytes Is given what has come, which stays as it is only during the call.
 */
export function connectLightly({ host, port }, onBytes) {
  const socket = connect({
    host,
    port,
    onread: {
      buffer: SHARED,
      callback: (length, bytes) => {
        onBytes(/** @type {Buffer} */ (bytes).subarray(0, length));
        return true;
      },
    },
  });
  socket.setNoDelay();
  socket.on('error', () => undefined);
  return socket;
}
