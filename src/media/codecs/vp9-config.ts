import { decimal, type CodecDetails } from './codec-details';
import { colourTail } from './colour';
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
export function vp9Level({ width, height }: { readonly width: number; readonly height: number }): number {
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
