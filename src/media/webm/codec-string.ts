import { ElementId } from './element-id';
import type { Element } from './element';

/** What Media Source Extensions take in WebM, https://www.w3.org/TR/mse-byte-stream-format-webm/, by CodecID. */
const CODECS: Readonly<Record<string, (config: Uint8Array) => string>> = {
  V_VP8: () => 'vp8',
  V_VP9: vp9Codec,
  V_AV1: av1Codec,
  A_OPUS: () => 'opus',
  A_VORBIS: () => 'vorbis',
};

const AS_MP4 = 'send it as fragmented MP4 ("-f mp4 -movflags +frag_keyframe+empty_moov+default_base_moof")';

/** Codecs that Matroska has and that browsers take only in MP4: how people call them, and what to do. */
const MP4_CODECS: readonly (readonly [prefix: string, name: string, remedy: string])[] = [
  ['V_MPEG4/ISO/AVC', 'H.264', `${AS_MP4}, or let MediaRecorder use "video/webm;codecs=vp8,opus"`],
  ['V_MPEGH/ISO/HEVC', 'H.265', AS_MP4],
  ['A_AAC', 'AAC', AS_MP4],
  ['A_MPEG/L3', 'MP3', AS_MP4],
  ['A_FLAC', 'FLAC', AS_MP4],
  ['A_AC3', 'AC-3', AS_MP4],
  ['A_EAC3', 'E-AC-3', AS_MP4],
  ['A_PCM', 'PCM', 'let the encoder use Opus ("-c:a libopus")'],
];

/** The RFC 6381 string of a TrackEntry's codec. @throws MediaError `unsupported-codec` with the way out. */
export function codecString(codecId: Element, codecPrivate: Element | undefined): string {
  const id = codecId.text();
  const codec = Object.hasOwn(CODECS, id) ? CODECS[id] : undefined;
  if (codec) return codec(codecPrivate?.payload ?? new Uint8Array(0));
  const known = MP4_CODECS.find(([prefix]) => id.startsWith(prefix));
  if (!known) throw codecId.error('unsupported-codec', `Unknown codec "${id}"`);
  const [, name, remedy] = known;
  throw codecId.error('unsupported-codec', `${name} in Matroska ("${id}") can't be played by browsers: ${remedy}`);
}

/** Features of VP9's CodecPrivate, https://www.webmproject.org/docs/container/#vp9-codec-feature-metadata-codecprivate */
const VP9_PROFILE = 1;
const VP9_LEVEL = 2;
const VP9_BIT_DEPTH = 3;

/** The long form only if the file states profile, level and bit depth; a browser's recorder states none. */
function vp9Codec(config: Uint8Array): string {
  const features = new Map<number, number>();
  for (let at = 0; at + 2 < config.length; at += 2 + (config[at + 1] ?? 0)) {
    if (config[at + 1] === 1) features.set(config[at] ?? 0, config[at + 2] ?? 0);
  }
  const stated = [VP9_PROFILE, VP9_LEVEL, VP9_BIT_DEPTH].flatMap((feature) => features.get(feature) ?? []);
  return stated.length === 3 ? `vp09.${stated.map(decimal).join('.')}` : 'vp9';
}

/** What is said of AV1 without a CodecPrivate: profile Main, level 3.0, 8 bits. "av01" alone is no codec for browsers. */
const AV1_GUESS = 'av01.0.04M.08';

/** CodecPrivate is an `av1C`, https://github.com/ietf-wg-cellar/matroska-specification/blob/master/codec/av1.md */
function av1Codec(config: Uint8Array): string {
  const [marker, profileAndLevel = 0, flags = 0] = config;
  if (marker !== 0x81 || config.length < 4) return AV1_GUESS;
  const depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8;
  return `av01.${profileAndLevel >> 5}.${decimal(profileAndLevel & 0x1f)}${flags & 0x80 ? 'H' : 'M'}.${decimal(depth)}`;
}

function decimal(value: number): string {
  return value.toString().padStart(2, '0');
}

/** Whether the TrackEntry's blocks are as its codec made them: not encrypted, not compressed. RFC 9559 §5.1.4.1.31. */
export function refuseEncodings(encodings: Element): void {
  const encrypted = encodings.children().some((encoding) => encoding.id === ElementId.ContentEncoding && encoding.child(ElementId.ContentEncryption));
  if (encrypted) throw encodings.error('unsupported-codec', "Encrypted media can't be relayed");
  throw encodings.error('unsupported-layout', 'Compressed tracks are not for browsers: turn compression off ("mkvmerge --compression -1:none")');
}
