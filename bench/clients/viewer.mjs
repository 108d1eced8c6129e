import { clientFrame } from './client-frame.mjs';
import { FrameReader, OPCODE } from './frame-reader.mjs';
import { UpgradeAnswer, upgradeRequest } from './handshake.mjs';
import { connectLightly } from './light-connection.mjs';

/** How often a viewer tells what it has received, ms. */
const RECEIPT = 1_000;

/**
 * How viewers of one kind of server talk to it.
 * - `sluice`: `sluice.v1`, with receipts.
 * - `plain`: any WebSocket server. The first message is what a decoder needs, everything behind it media.
 * - `engine`: socket.io.
 * - `raw`: frames without a handshake, behind one byte.
 * @typedef {'sluice' | 'plain' | 'engine' | 'raw'} Dialect
 */

/**
 * @typedef {object} ViewerOptions
 * @property {number} port
 * @property {string} path
 * @property {Dialect} dialect
 * @property {(viewer: Viewer, now: number) => void} onMedia A whole message has come: `position` is behind it.
 * @property {(viewer: Viewer) => void} [onClose]
 * @property {(event: { type: string, [field: string]: unknown }) => void} [onEvent] A message of the relay.
 */

/** A viewer that costs little: it counts media, drops it, and answers what has to be answered. */
export class Viewer {
  #options;
  #socket;
  #reader;
  #open = false;
  #answer = new UpgradeAnswer();
  /** Whether the next message is an init segment. */
  #initNext;
  /** When it told its position last; at random, so that not all do at once. */
  #toldAt = performance.now() - Math.random() * RECEIPT;
  /** @type {() => void} */
  #opened = () => undefined;
  /** @type {(error: Error) => void} */
  #failed = () => undefined;

  /** The relay's name of the timeline. */
  epoch = '';
  /** Offset of the end of what it has in the epoch's media bytes. */
  position = 0;
  /** Where the first media that came began. */
  from = 0;
  /** Bytes of media that have come. */
  bytes = 0;
  /** How often the relay left out media. */
  skips = 0;
  /**
   * The code with which the server closed.
   * @type {number | undefined}
   */
  closeCode;
  closed = false;

  /** Settled once it may receive. */
  ready = new Promise((resolve, reject) => {
    this.#opened = () => resolve(undefined);
    this.#failed = reject;
  });

  /** @param {ViewerOptions} options */
  constructor(options) {
    this.#options = options;
    this.#initNext = options.dialect !== 'sluice';
    this.#reader = new FrameReader((opcode, size, payload) => this.#take(opcode, size, payload));
    this.#socket = connectLightly({ host: '127.0.0.1', port: options.port }, (bytes) => this.#read(bytes));
    this.#socket.once('connect', () => this.#hail());
    this.#socket.once('close', () => this.#end());
  }

  /**
   * Stops or goes on reading.
   * @param {boolean} reading
   */
  set reading(reading) {
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }

  /**
   * Sends a message of `sluice.v1`.
   * @param {object} message
   */
  tell(message) {
    this.#send(OPCODE.text, JSON.stringify(message));
  }

  /**
   * Sends bytes as they are, which need be no frame.
   * @param {Uint8Array} bytes
   */
  sendRaw(bytes) {
    this.#socket.write(bytes);
  }

  /** Breaks off without a word. */
  destroy() {
    this.#socket.destroy();
  }

  /** Breaks off with a reset. */
  reset() {
    this.#socket.resetAndDestroy();
  }

  #hail() {
    const { port, path, dialect } = this.#options;
    if (dialect === 'raw') {
      this.#socket.write('V');
      this.#open = true;
      this.#opened();
      return;
    }
    this.#socket.write(upgradeRequest({ host: `127.0.0.1:${port}`, path, protocol: dialect === 'sluice' ? 'sluice.v1' : undefined }));
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    if (this.#open) {
      this.#reader.push(bytes);
      return;
    }
    const answer = this.#answer.push(bytes);
    if (answer === undefined) return;
    if (answer.refusal !== undefined) {
      this.#failed(new Error(`Cannot watch: ${answer.refusal}`));
      this.#socket.destroy();
      return;
    }
    this.#open = true;
    // A client of socket.io is in only once it has been told so.
    if (this.#options.dialect !== 'engine') this.#opened();
    this.#reader.push(answer.rest);
  }

  /** @type {import('./frame-reader.mjs').MessageListener} */
  #take(opcode, size, payload) {
    if (opcode === OPCODE.binary) this.#takeMedia(size);
    else if (opcode === OPCODE.text) this.#takeText(payload.toString());
    else if (opcode === OPCODE.ping) this.#send(OPCODE.pong, payload);
    else if (opcode === OPCODE.close) this.#takeClose(payload);
  }

  /** @param {number} size */
  #takeMedia(size) {
    if (this.#initNext) {
      this.#initNext = false;
      return;
    }
    if (this.bytes === 0) this.from = this.position;
    this.position += size;
    this.bytes += size;
    const now = performance.now();
    this.#options.onMedia(this, now);
    if (this.#options.dialect === 'sluice' && now - this.#toldAt >= RECEIPT) {
      this.#toldAt = now;
      this.tell({ type: 'received', epoch: this.epoch, position: this.position });
    }
  }

  /** @param {string} text */
  #takeText(text) {
    if (this.#options.dialect === 'sluice') this.#takeEvent(JSON.parse(text));
    else if (this.#options.dialect === 'engine') this.#takePacket(text);
  }

  /** @param {{ type: string, [field: string]: unknown }} event */
  #takeEvent(event) {
    if (event.type === 'init') {
      this.epoch = String(event['epoch']);
      this.position = Number(event['position']);
      this.#initNext = event['resumed'] !== true;
    } else if (event.type === 'skip') {
      // What is left out before the first media is where it was joined.
      if (this.bytes > 0) this.skips++;
      this.position = Number(event['position']);
    } else if (event.type === 'sync') {
      this.tell({ type: 'ok', id: event['id'] });
    }
    this.#options.onEvent?.(event);
  }

  /**
   * Packets of engine.io, and in them of socket.io.
   * @param {string} text
   */
  #takePacket(text) {
    if (text.startsWith('0')) this.#send(OPCODE.text, '40');
    else if (text.startsWith('40')) this.#opened();
    else if (text === '2') this.#send(OPCODE.text, '3');
  }

  /** @param {Buffer} payload */
  #takeClose(payload) {
    this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#send(OPCODE.close, payload.subarray(0, 2));
    this.#socket.end();
  }

  /**
   * @param {number} opcode
   * @param {Uint8Array | string} payload
   */
  #send(opcode, payload) {
    this.#socket.write(clientFrame(opcode, payload));
  }

  #end() {
    this.closed = true;
    this.#failed(new Error('Cannot watch: the server closed the connection'));
    this.#options.onClose?.(this);
  }
}
