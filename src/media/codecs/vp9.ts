import { BitReader } from '../bit-reader';
import type { BytePlace } from '../byte-reader';
import { type CodecDetails, colourTail, decimal } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** Chroma subsampling: 4:2:0 with either place of its samples. */
const IS_420: ReadonlySet<number> = new Set([0, 1]);

/** The least level for so many samples a picture, at up to 60 of them a second: https://www.webmproject.org/vp9/levels/ */
const LEVELS: readonly (readonly [samples: number, level: number])[] = [
  [36_864, 10],
  [73_728, 11],
  [122_880, 20],
  [245_760, 21],
  [552_960, 31],
  [2_228_224, 41],
  [8_912_896, 51],
];
const HIGHEST_LEVEL = 61;

/** The least level that pictures of that size need. */
function vp9Level({ width, height }: { readonly width: number; readonly height: number }): number {
  return LEVELS.find(([samples]) => width * height <= samples)?.[1] ?? HIGHEST_LEVEL;
}

/** A codec string of VP8 or VP9 with a level: Chromium's recorder states level 0, and its player refuses that. */
export function withLevel(codec: string, size: { readonly width: number; readonly height: number }): string {
  return codec.replace(/^(vp0[89]\.\d\d)\.00\b/, (_, profile: string) => `${profile}.${decimal(vp9Level(size))}`);
}

/** Reads a `vpcC` of VP8 or VP9: https://www.webmproject.org/vp9/mp4/#vp-codec-configuration-box */
export function readVpcConfig(config: DecoderConfig, name: string): CodecDetails {
  const bits = config.bits(4);
  const profile = bits.bits(8);
  const level = bits.bits(8);
  const depth = bits.bits(4);
  const chroma = bits.bits(3);
  const fullRange = bits.flag();
  const colour = colourTail({ primaries: bits.bits(8), transfer: bits.bits(8), matrix: bits.bits(8), fullRange }, 2);
  // The optional part is all of it or nothing.
  const tail = IS_420.has(chroma) && colour === undefined ? [] : [decimal(chroma), colour ?? '01.01.01.00'];
  return { codec: [name, ...[profile, level, depth].map(decimal), ...tail].join('.') };
}

/** Features of VP9's CodecPrivate, https://www.webmproject.org/docs/container/#vp9-codec-feature-metadata-codecprivate */
const PROFILE = 1;
const LEVEL = 2;
const BIT_DEPTH = 3;

/** Reads VP9's CodecPrivate in WebM. The long form only if it states profile, level and bit depth; a browser's recorder states none. */
export function readVp9Private({ bytes }: DecoderConfig): CodecDetails {
  const features = new Map<number, number>();
  for (let at = 0; at + 2 < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
    if (bytes[at + 1] === 1) features.set(bytes[at] ?? 0, bytes[at + 2] ?? 0);
  }
  const stated = [PROFILE, LEVEL, BIT_DEPTH].flatMap((feature) => features.get(feature) ?? []);
  return { codec: stated.length === 3 ? `vp09.${stated.map(decimal).join('.')}` : 'vp9' };
}

/** What the header of a keyframe of VP9 says that an MP4 must tell. */
interface Vp9Header {
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
