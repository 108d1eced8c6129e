import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { clientFrameHead } from './client-frame.mjs';
import { OPCODE } from './frame-reader.mjs';
import { upgradeRequest } from './handshake.mjs';

/**
 * Sends one stream to a server.
 * @typedef {object} PublisherLink
 * @property {(bytes: Buffer) => void} send The init segment first, then each piece.
 * @property {() => Promise<void>} end
 * @property {() => void} destroy Breaks off.
 * @property {boolean} closed The server has gone.
 */

/** How long a server may take to say that it has taken everything, ms. */
const ANSWER = 500;

/**
 * Pushes by HTTP, as ffmpeg does.
 * @param {number} port
 * @param {string} path
 * @param {'PUT' | 'POST'} method
 * @returns {Promise<PublisherLink>}
 */
export async function pushOverHttp(port, path, method = 'PUT') {
  const put = request({ host: '127.0.0.1', port, path, method, agent: false });
  const answered = new Promise((resolve) => put.once('close', resolve));
  put.on('response', (response) => response.resume());
  put.on('error', () => undefined);
  put.flushHeaders();
  await once(put, 'socket');
  put.setNoDelay();
  return {
    send: (bytes) => void put.write(bytes),
    end: async () => {
      put.end();
      await Promise.race([answered, wait(ANSWER)]);
      put.destroy();
    },
    destroy: () => void put.destroy(),
    get closed() {
      return put.closed;
    },
  };
}

/**
 * Sends each piece as a binary message, behind `prefix` if there is one.
 * @param {number} port
 * @param {string} path
 * @param {{ prefix?: string, hello?: { text: string, answer: string } }} [options] Text messages: before each piece, and once before all, with what its answer holds.
 * @returns {Promise<PublisherLink>}
 */
export async function publishOverSocket(port, path, { prefix, hello } = {}) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.setNoDelay();
  socket.write(upgradeRequest({ host: `127.0.0.1:${port}`, path }));
  const [answer] = await once(socket, 'data');
  if (!String(answer).startsWith('HTTP/1.1 101')) throw new Error(`Cannot publish: ${String(answer).slice(0, 40)}`);
  /**
   * @param {number} opcode
   * @param {Buffer} bytes
   */
  const write = (opcode, bytes) => {
    socket.write(clientFrameHead(opcode, bytes.length));
    socket.write(bytes);
  };
  if (hello !== undefined) {
    write(OPCODE.text, Buffer.from(hello.text));
    for (let heard = ''; !heard.includes(hello.answer); heard += String((await once(socket, 'data'))[0]));
  }
  socket.resume();
  return {
    send: (bytes) => {
      socket.cork();
      if (prefix !== undefined) write(OPCODE.text, Buffer.from(prefix));
      write(OPCODE.binary, bytes);
      socket.uncork();
    },
    end: async () => {
      const closed = once(socket, 'close');
      write(OPCODE.close, Buffer.from([1000 >> 8, 1000 & 0xff]));
      socket.end();
      await closed;
    },
    destroy: () => void socket.destroy(),
    get closed() {
      return socket.closed;
    },
  };
}

/**
 * Sends each piece as a request of its own, one after the other on one connection.
 * @param {number} port
 * @param {string} path
 * @returns {Promise<PublisherLink>}
 */
export function postEach(port, path) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let last = Promise.resolve();
  return Promise.resolve({
    send: (bytes) => {
      const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': bytes.length };
      const post = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers });
      last = new Promise((resolve) => post.once('close', resolve));
      post.on('response', (response) => response.resume());
      post.on('error', () => undefined);
      post.end(bytes);
    },
    end: async () => {
      await last;
      agent.destroy();
    },
    destroy: () => agent.destroy(),
    closed: false,
  });
}

/**
 * Sends each piece behind its length, as the loop in C takes it.
 * @param {number} port
 * @returns {Promise<PublisherLink>}
 */
export async function publishRaw(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.setNoDelay();
  socket.write('P');
  return {
    send: (bytes) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      socket.cork();
      socket.write(length);
      socket.write(bytes);
      socket.uncork();
    },
    end: async () => {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    },
    destroy: () => void socket.destroy(),
    get closed() {
      return socket.closed;
    },
  };
}
