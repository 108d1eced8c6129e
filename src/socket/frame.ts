import type { MediaBytes } from '../media/chunk';
import type { MediaPieces } from '../media/patched-media';

/** FIN, and the opcode of a binary message (RFC 6455, section 5.2). */
const FINAL_BINARY = 0x82;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

const frames = new WeakMap<Uint8Array, Buffer>();
/** Viewers are sent the same message one after another: the table is asked once. */
let newest: { readonly bytes: Uint8Array; readonly frame: Buffer } | undefined;

/**
 * The WebSocket frame of one whole binary message: its header is written into the head room that is kept before
 * all media, once, and every viewer is sent the same buffer. Nobody may write to it.
 */
export function frameOf(bytes: MediaBytes): Buffer {
  if (newest?.bytes === bytes) return newest.frame;
  const frame = frames.get(bytes) ?? buildFrame(bytes);
  frames.set(bytes, frame);
  newest = { bytes, frame };
  return frame;
}

/** The WebSocket frame of a message in pieces, in pieces: the header is written into the head room of the first. */
export function frameOfPieces([first, ...rest]: MediaPieces): readonly Uint8Array[] {
  const length = rest.reduce((sum, piece) => sum + piece.length, first.length);
  return [buildFrame(first, length), ...rest];
}

/** The header of a frame of `length` bytes, and the first of them. */
function buildFrame(bytes: MediaBytes, length = bytes.length): Buffer {
  const { byteOffset, buffer } = bytes;
  const header = length < LENGTH_16 ? 2 : length <= 0xffff ? 4 : 10;
  const frame = Buffer.from(buffer, byteOffset - header, header + bytes.length);
  frame[0] = FINAL_BINARY;
  if (header === 2) {
    frame[1] = length;
  } else if (header === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return frame;
}
