import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { clientFrame } from './client-frame.mjs';
import { FrameReader, OPCODE } from './frame-reader.mjs';

const HEAD_END = '\r\n\r\n';
/** What all sockets read into: nothing is kept. */
const SHARED = Buffer.alloc(256 << 10);
/**
 * The player only counts the bytes of media here: all messages of one size are the same empty one.
 * @type {Map<number, ArrayBuffer>}
 */
const blanks = new Map();

/** As much of a browser's `WebSocket` as the player's connection needs, at little cost: thousands run in one process. */
export class LightSocket {
  OPEN = 1;
  readyState = 0;
  binaryType = 'arraybuffer';
  /** @type {(() => void) | null} */
  onopen = null;
  /** @type {((event: { data: string | ArrayBuffer }) => void) | null} */
  onmessage = null;
  /** @type {((event: { code: number }) => void) | null} */
  onclose = null;
  #socket;
  #head = '';
  #code = 1006;
  #reader = new FrameReader((opcode, size, payload) => this.#take(opcode, size, payload));

  /** @param {string} address Such as `ws://127.0.0.1:8080/watch/cam`. */
  constructor(address) {
    const { hostname, port, host, pathname, search } = new URL(address);
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer: SHARED,
        callback: (length, bytes) => {
          this.#read(/** @type {Buffer} */ (bytes).subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.setNoDelay();
    this.#socket.once('connect', () => {
      const lines = [`GET ${pathname}${search} HTTP/1.1`, `Host: ${host}`, 'Connection: Upgrade', 'Upgrade: websocket', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: sluice.v1'];
      this.#socket.write(lines.join('\r\n') + HEAD_END);
    });
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', () => {
      this.readyState = 3;
      this.onclose?.({ code: this.#code });
    });
  }

  /** @param {string} text */
  send(text) {
    if (this.readyState === this.OPEN) this.#socket.write(clientFrame(OPCODE.text, text));
  }

  close() {
    if (this.readyState === this.OPEN) this.#socket.end(clientFrame(OPCODE.close, Buffer.from([1000 >> 8, 1000 & 0xff])));
    else this.#socket.destroy();
    this.readyState = 2;
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    if (this.readyState > 0) {
      this.#reader.push(bytes);
      return;
    }
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return;
    const rest = Buffer.from(this.#head.slice(end + HEAD_END.length), 'latin1');
    if (!this.#head.startsWith('HTTP/1.1 101')) {
      this.#socket.destroy();
      return;
    }
    this.#head = '';
    this.readyState = this.OPEN;
    this.onopen?.();
    this.#reader.push(rest);
  }

  /** @type {import('./frame-reader.mjs').MessageListener} */
  #take(opcode, size, payload) {
    if (opcode === OPCODE.binary) this.onmessage?.({ data: blankOf(size) });
    else if (opcode === OPCODE.text) this.onmessage?.({ data: payload.toString() });
    else if (opcode === OPCODE.ping) this.#socket.write(clientFrame(OPCODE.pong, payload));
    else if (opcode === OPCODE.close) {
      this.#code = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end(clientFrame(OPCODE.close, payload.subarray(0, 2)));
    }
  }
}

/** @param {number} size */
function blankOf(size) {
  const blank = blanks.get(size) ?? new ArrayBuffer(size);
  blanks.set(size, blank);
  return blank;
}
