/** The NAL units of H.264 with which decoding can begin are of this type, and the bits of the type. */
const IDR = 5;
const NAL_TYPE = 0x1f;
const BOX_HEAD = 8;
const FRAME = 33_333;

/**
 * The least that shows H.264 of a watch socket: each fragment is a frame, decoded as it comes and drawn as it is decoded.
 * @param {HTMLCanvasElement} canvas
 * @param {{ url: string, drawn: () => void }} options
 */
export function decodeTo(canvas, { url, drawn }) {
  const context = canvas.getContext('2d');
  const decoder = new VideoDecoder({
    output: (frame) => {
      context?.drawImage(frame, 0, 0);
      frame.close();
      drawn();
    },
    error: (error) => {
      throw error;
    },
  });
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  let timestamp = 0;
  socket.addEventListener('message', ({ data }) => {
    for (const { type, payload } of boxesOf(new Uint8Array(data))) {
      if (type === 'moov') decoder.configure(configurationOf(payload));
      if (type !== 'mdat') continue;
      decoder.decode(new EncodedVideoChunk({ type: isKey(payload) ? 'key' : 'delta', timestamp, data: payload }));
      timestamp += FRAME;
    }
  });
}

/**
 * @param {Uint8Array} bytes
 * @returns {Generator<{ type: string, payload: Uint8Array }>}
 */
function* boxesOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const size = view.getUint32(at);
    yield { type: String.fromCharCode(...bytes.subarray(at + 4, at + BOX_HEAD)), payload: bytes.subarray(at + BOX_HEAD, at + size) };
    at += size;
  }
}

/**
 * @param {Uint8Array} moov
 * @returns {VideoDecoderConfig}
 */
function configurationOf(moov) {
  const at = String.fromCharCode(...moov).indexOf('avcC');
  const size = new DataView(moov.buffer, moov.byteOffset).getUint32(at - 4);
  const description = moov.slice(at + 4, at - 4 + size);
  const codec = `avc1.${[...description.subarray(1, 4)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  return { codec, description, optimizeForLatency: true };
}

/**
 * Whether a frame has a unit with which decoding can begin. Each unit stands behind its length in four bytes.
 * @param {Uint8Array} frame
 */
function isKey(frame) {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  for (let at = 0; at + 4 < frame.length; at += 4 + view.getUint32(at)) {
    if (((frame[at + 4] ?? 0) & NAL_TYPE) === IDR) return true;
  }
  return false;
}
