/**
 * The header of a client's frame. Its mask is zero, which leaves the payload as it is.
 * @param {number} opcode
 * @param {number} length Of the payload.
 */
export function clientFrameHead(opcode, length) {
  const lengthSize = length < 126 ? 0 : length <= 0xffff ? 2 : 8;
  const head = Buffer.alloc(2 + lengthSize + 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (lengthSize === 0 ? length : lengthSize === 2 ? 126 : 127);
  if (lengthSize === 2) head.writeUInt16BE(length, 2);
  else if (lengthSize === 8) head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/**
 * A client's frame.
 * @param {number} opcode
 * @param {Uint8Array | string} payload
 */
export function clientFrame(opcode, payload) {
  const bytes = Buffer.from(payload);
  return Buffer.concat([clientFrameHead(opcode, bytes.length), bytes]);
}
