/** What Node-Media-Server's viewers are sent first: an FLV header with sound and picture. */
export const FLV_HEAD = Buffer.from('464c5601050000000900000000', 'hex');
const AUDIO_TAG = 8;
const VIDEO_TAG = 9;
/** Bytes of a tag besides its data. */
const AROUND = 11 + 4;

/**
 * A piece as an FLV tag of the same size, H.264 or AAC.
 * @param {import('../media/live-media.mjs').Piece} piece
 * @returns {Buffer}
 */
export function flvTag({ at, bytes, video, key }) {
  const tag = Buffer.alloc(bytes.length);
  const size = tag.length - AROUND;
  const time = Math.round(at);
  tag[0] = video ? VIDEO_TAG : AUDIO_TAG;
  tag.writeUIntBE(size, 1, 3);
  tag.writeUIntBE(time & 0xffffff, 4, 3);
  tag[7] = time >> 24;
  tag[11] = video ? (key ? 0x17 : 0x27) : 0xaf;
  tag[12] = 1;
  tag.writeUInt32BE(tag.length - 4, tag.length - 4);
  return tag;
}
