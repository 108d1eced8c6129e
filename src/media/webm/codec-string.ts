import { readAv1Config } from '../codecs/av1';
import type { CodecDetails } from '../codecs/codec-details';
import { DecoderConfig } from '../codecs/decoder-config';
import { readOpusPrivate } from '../codecs/opus';
import { readVorbisConfig } from '../codecs/vorbis-config';
import { readVp9Private } from '../codecs/vp9';
import type { MediaError } from '../media-error';
import type { Element } from './element';
import { ElementId } from './element-id';

/** What is said of a track by its CodecID alone, and who reads its CodecPrivate, if it has one. */
interface Codec {
  readonly codec: string;
  readonly read?: (config: DecoderConfig) => CodecDetails;
}

/** What Media Source Extensions take in WebM, https://www.w3.org/TR/mse-byte-stream-format-webm/, by CodecID. */
const CODECS: ReadonlyMap<string, Codec> = new Map<string, Codec>([
  ['V_VP8', { codec: 'vp8' }],
  ['V_VP9', { codec: 'vp9', read: readVp9Private }],
  // Without a CodecPrivate: profile Main, level 3.0, 8 bits. "av01" alone is no codec for browsers.
  ['V_AV1', { codec: 'av01.0.04M.08', read: readAv1Config }],
  ['A_OPUS', { codec: 'opus', read: readOpusPrivate }],
  ['A_VORBIS', { codec: 'vorbis', read: readVorbisConfig }],
]);

const AS_MP4 = 'send it as fragmented MP4 ("-f mp4 -movflags +frag_every_frame+empty_moov+default_base_moof")';

/** Codecs that Matroska has and that browsers take only in MP4: how people call them, and what to do. */
const MP4_CODECS: readonly (readonly [prefix: string, name: string, remedy: string])[] = [
  ['V_MPEGH/ISO/HEVC', 'H.265', AS_MP4],
  ['A_AAC', 'AAC', AS_MP4],
  ['A_MPEG/L3', 'MP3', AS_MP4],
  ['A_FLAC', 'FLAC', AS_MP4],
  ['A_AC3', 'AC-3', AS_MP4],
  ['A_EAC3', 'E-AC-3', AS_MP4],
  ['A_PCM', 'PCM', 'let the encoder use Opus ("-c:a libopus")'],
];

/**
 * What CodecID and CodecPrivate tell of a track.
 * @throws MediaError `unsupported-codec` with the way out, or `malformed-media`.
 */
export function readCodec(codecId: Element, codecPrivate: Element | undefined): CodecDetails {
  const id = codecId.text();
  const known = CODECS.get(id);
  if (!known) throw unknownCodec(codecId, id);
  if (!known.read || !codecPrivate || codecPrivate.payload.length === 0) return { codec: known.codec };
  return known.read(new DecoderConfig(codecPrivate.payload, codecPrivate.place));
}

function unknownCodec(codecId: Element, id: string): MediaError {
  const known = MP4_CODECS.find(([prefix]) => id.startsWith(prefix));
  if (!known) return codecId.error('unsupported-codec', `Unknown codec "${id}"`);
  const [, name, remedy] = known;
  return codecId.error('unsupported-codec', `${name} in Matroska ("${id}") can't be played by browsers: ${remedy}`);
}

/** Whether the TrackEntry's blocks are as its codec made them: not encrypted, not compressed. RFC 9559 §5.1.4.1.31. */
export function refuseEncodings(encodings: Element): void {
  const encrypted = encodings.children().some((encoding) => encoding.id === ElementId.ContentEncoding && encoding.child(ElementId.ContentEncryption));
  if (encrypted) throw encodings.error('unsupported-codec', "Encrypted media can't be relayed");
  throw encodings.error('unsupported-layout', 'Compressed tracks are not for browsers: turn compression off ("mkvmerge --compression -1:none")');
}
