/** Opcodes of RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

const NOTHING = Buffer.alloc(0);

/**
 * What a reader hears.
 * @callback MessageListener
 * @param {number} opcode
 * @param {number} size Bytes of the payload.
 * @param {Buffer} payload Empty for a binary message, whose bytes are dropped.
 * @returns {void}
 */

/** Reads what a WebSocket server sends, cut anywhere, as cheaply as can be: it counts and drops the bytes of binary messages. */
export class FrameReader {
  #listener;
  #head = Buffer.alloc(10);
  #headLength = 0;
  /**
   * Bytes of the frame's payload that haven't come yet; undefined while its header is incomplete.
   * @type {number | undefined}
   */
  #left;
  #final = true;
  #opcode = 0;
  /** Of the message that the frame belongs to. */
  #messageOpcode = 0;
  #messageSize = 0;
  #frameSize = 0;
  /** @type {Buffer[]} */
  #kept = [];

  /** @param {MessageListener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /** @param {Buffer} bytes Theirs again once this returns. */
  push(bytes) {
    let at = 0;
    while (at < bytes.length) at = this.#left === undefined ? this.#readHead(bytes, at) : this.#readPayload(bytes, at);
  }

  /**
   * @param {Buffer} bytes
   * @param {number} at
   */
  #readHead(bytes, at) {
    const head = this.#head;
    while (at < bytes.length) {
      head[this.#headLength++] = bytes[at++] ?? 0;
      if (this.#headLength >= 2 && this.#headLength === headSize(head[1] ?? 0)) {
        this.#beginFrame();
        break;
      }
    }
    return at;
  }

  #beginFrame() {
    const first = this.#head[0] ?? 0;
    const second = this.#head[1] ?? 0;
    if (second & 0x80) throw new Error('A server must not mask its frames');
    this.#headLength = 0;
    this.#final = (first & 0x80) !== 0;
    this.#opcode = first & 0x0f;
    this.#frameSize = second < 126 ? second : second === 126 ? this.#head.readUInt16BE(2) : Number(this.#head.readBigUInt64BE(2));
    if (this.#opcode === OPCODE.text || this.#opcode === OPCODE.binary) {
      this.#messageOpcode = this.#opcode;
      this.#messageSize = 0;
    }
    this.#left = this.#frameSize;
    if (this.#left === 0) this.#endFrame();
  }

  /**
   * @param {Buffer} bytes
   * @param {number} at
   */
  #readPayload(bytes, at) {
    const left = this.#left ?? 0;
    const size = Math.min(left, bytes.length - at);
    if (this.#isKept) this.#kept.push(Buffer.from(bytes.subarray(at, at + size)));
    this.#left = left - size;
    if (this.#left === 0) this.#endFrame();
    return at + size;
  }

  get #isControl() {
    return this.#opcode >= OPCODE.close;
  }

  get #isKept() {
    return this.#isControl || this.#messageOpcode === OPCODE.text;
  }

  #endFrame() {
    this.#left = undefined;
    if (this.#isControl) {
      // It may fall between the frames of a message, whose text would be lost: no server here sends such a message.
      this.#tell(this.#opcode, this.#frameSize);
      return;
    }
    this.#messageSize += this.#frameSize;
    if (this.#final) this.#tell(this.#messageOpcode, this.#messageSize);
  }

  /**
   * @param {number} opcode
   * @param {number} size
   */
  #tell(opcode, size) {
    const payload = this.#kept.length === 0 ? NOTHING : Buffer.concat(this.#kept);
    if (this.#kept.length > 0) this.#kept = [];
    this.#listener(opcode, size, payload);
  }
}

/** @param {number} second The second byte of a frame. */
function headSize(second) {
  const length = second & 0x7f;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}
