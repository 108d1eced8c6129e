import { clientFrame } from './client-frame.mjs';
import { FrameReader, OPCODE } from './frame-reader.mjs';
import { UpgradeAnswer, upgradeRequest } from './handshake.mjs';
import { connectLightly } from './light-connection.mjs';

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
  #answer = new UpgradeAnswer();
  #code = 1006;
  #reader = new FrameReader((opcode, size, payload) => this.#take(opcode, size, payload));

  /** @param {string} address Such as `ws://127.0.0.1:8080/watch/cam`. */
  constructor(address) {
    const { hostname, port, host, pathname, search } = new URL(address);
    this.#socket = connectLightly({ host: hostname, port: Number(port) }, (bytes) => this.#read(bytes));
    this.#socket.once('connect', () => this.#socket.write(upgradeRequest({ host, path: pathname + search, protocol: 'sluice.v1' })));
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
    const answer = this.#answer.push(bytes);
    if (answer === undefined) return;
    if (answer.refusal !== undefined) {
      this.#socket.destroy();
      return;
    }
    this.readyState = this.OPEN;
    this.onopen?.();
    this.#reader.push(answer.rest);
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
