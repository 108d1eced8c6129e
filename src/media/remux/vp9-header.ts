import { BitReader } from '../bit-reader';
import type { BytePlace } from '../byte-reader';
import { vp9Level } from '../codecs/vp9-config';

/** What the header of a keyframe of VP9 says that an MP4 must tell. */
export interface Vp9Header {
  readonly profile: number;
  /** Bits a sample. */
  readonly depth: number;
  /** Chroma subsampling as `vpcC` counts it. */
  readonly chroma: number;
  readonly fullRange: boolean;
}

const FRAME_MARKER = 2;
const SYNC_CODE = 0x498342;
const SRGB = 7;
/** Chroma subsampling by whether it is halved across and down: 4:4:4, 4:4:0, 4:2:2 and 4:2:0. */
const CHROMA = { full: 3, down: 3, across: 2, both: 1 };
const UNSPECIFIED = 2;

/**
 * Reads the uncompressed header of a keyframe, VP9 bitstream specification §6.2.
 * @throws MediaError `malformed-media` if it is none.
 */
export function readVp9Header(frame: Uint8Array, place: BytePlace): Vp9Header {
  const bits = new BitReader(frame, place);
  if (bits.bits(2) !== FRAME_MARKER) throw bits.error('Not a frame of VP9');
  const profile = bits.bits(1) + 2 * bits.bits(1);
  if (profile === 3) bits.skip(1);
  const showsExisting = bits.flag();
  const isInter = !showsExisting && bits.flag();
  if (showsExisting || isInter) throw bits.error('Not a keyframe of VP9');
  bits.skip(2);
  if (bits.bits(24) !== SYNC_CODE) throw bits.error('A keyframe of VP9 without its sync code');
  const depth = profile >= 2 ? (bits.flag() ? 12 : 10) : 8;
  const isOdd = profile % 2 === 1;
  if (bits.bits(3) === SRGB) return { profile, depth, chroma: CHROMA.full, fullRange: true };
  const fullRange = bits.flag();
  if (!isOdd) return { profile, depth, chroma: CHROMA.both, fullRange };
  const across = bits.flag();
  const down = bits.flag();
  return { profile, depth, chroma: across ? (down ? CHROMA.both : CHROMA.across) : down ? CHROMA.down : CHROMA.full, fullRange };
}

/** The payload of a `vpcC`: https://www.webmproject.org/vp9/mp4/#vp-codec-configuration-box */
export function vp9Configuration({ profile, depth, chroma, fullRange }: Vp9Header, { width, height }: { width: number; height: number }): Uint8Array {
  return Uint8Array.of(profile, vp9Level({ width, height }), (depth << 4) | (chroma << 1) | (fullRange ? 1 : 0), UNSPECIFIED, UNSPECIFIED, UNSPECIFIED, 0, 0);
}
