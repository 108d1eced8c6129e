import { MediaError } from '../media-error';
import type { Box } from './box';

/** Sample entries that Media Source Extensions may take, and how each tells its codec string (RFC 6381). */
const VIDEO_CODECS: Readonly<Record<string, (entry: Box) => string>> = {
  avc1: avcCodec,
  avc3: avcCodec,
  hvc1: hevcCodec,
  hev1: hevcCodec,
  av01: av1Codec,
  vp08: vpCodec,
  vp09: vpCodec,
};

const AUDIO_CODECS: Readonly<Record<string, (entry: Box) => string>> = {
  mp4a: mp4aCodec,
  Opus: () => 'opus',
  fLaC: () => 'flac',
  'ac-3': () => 'ac-3',
  'ec-3': () => 'ec-3',
};

/** Bytes of VisualSampleEntry and AudioSampleEntry before their boxes, ISO/IEC 14496-12 §12.1.3 and §12.2.3. */
const VISUAL_FIELDS = 78;
const AUDIO_FIELDS = 28;

/** The codec string of a video sample entry. @throws MediaError `unsupported-codec` if there is none. */
export function videoCodec(entry: Box): string {
  return codecOf(entry, VIDEO_CODECS);
}

/** The codec string of an audio sample entry. @throws MediaError `unsupported-codec` if there is none. */
export function audioCodec(entry: Box): string {
  return codecOf(entry, AUDIO_CODECS);
}

function codecOf(entry: Box, codecs: Readonly<Record<string, (entry: Box) => string>>): string {
  const codec = Object.hasOwn(codecs, entry.type) ? codecs[entry.type] : undefined;
  if (codec) return codec(entry);
  const encrypted = entry.type === 'encv' || entry.type === 'enca';
  const message = encrypted ? `Encrypted media ("${entry.type}") can't be relayed` : `Unknown codec "${entry.type}"`;
  throw new MediaError('unsupported-codec', message, { offset: entry.offset, path: entry.path });
}

/** The codec's own box in a sample entry. ffmpeg leaves it empty if it must write it before it has seen a frame. */
function configOf(entry: Box, type: string, fields: number): Box {
  const config = entry.child(type, fields);
  if (config.bytes.length > config.headerSize) return config;
  const message = `Box "${type}" is empty: add "+delay_moov" to -movflags and leave out "+empty_moov"`;
  throw new MediaError('unsupported-layout', message, { offset: config.offset, path: config.path });
}

/** ISO/IEC 14496-15 §5.3.3.1, AVCDecoderConfigurationRecord. */
function avcCodec(entry: Box): string {
  const reader = configOf(entry, 'avcC', VISUAL_FIELDS).reader();
  reader.skip(1);
  return `${entry.type}.${hex(reader.u8())}${hex(reader.u8())}${hex(reader.u8())}`;
}

/** ISO/IEC 14496-15 §8.3.3.1, HEVCDecoderConfigurationRecord; the string is that of its annex E.3. */
function hevcCodec(entry: Box): string {
  const reader = configOf(entry, 'hvcC', VISUAL_FIELDS).reader();
  reader.skip(1);
  const profile = reader.u8();
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? '';
  const compatibility = reverseBits(reader.u32()).toString(16).toUpperCase();
  const constraints = Array.from(reader.bytes(6));
  const level = reader.u8();
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = profile & 0x20 ? 'H' : 'L';
  const parts = [`${space}${profile & 0x1f}`, compatibility, `${tier}${level}`, ...constraints.map((byte) => byte.toString(16).toUpperCase())];
  return `${entry.type}.${parts.join('.')}`;
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed |= ((value >>> bit) & 1) << (31 - bit);
  return reversed >>> 0;
}

/** https://aomediacodec.github.io/av1-isobmff/#av1codecconfigurationbox and #codecsparam */
function av1Codec(entry: Box): string {
  const reader = configOf(entry, 'av1C', VISUAL_FIELDS).reader();
  reader.skip(1);
  const profileAndLevel = reader.u8();
  const flags = reader.u8();
  const depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8;
  return `av01.${profileAndLevel >> 5}.${decimal(profileAndLevel & 0x1f)}${flags & 0x80 ? 'H' : 'M'}.${decimal(depth)}`;
}

/** https://www.webmproject.org/vp9/mp4/#vp-codec-configuration-box */
function vpCodec(entry: Box): string {
  const { reader } = configOf(entry, 'vpcC', VISUAL_FIELDS).fullBox();
  const profile = reader.u8();
  const level = reader.u8();
  return `${entry.type}.${decimal(profile)}.${decimal(level)}.${decimal(reader.u8() >> 4)}`;
}

const ES_DESCRIPTOR = 3;
const DECODER_CONFIG_DESCRIPTOR = 4;
const DECODER_SPECIFIC_INFO = 5;
const MPEG4_AUDIO = 0x40;
const AUDIO_OBJECTS: ReadonlySet<number> = new Set([MPEG4_AUDIO, 0x66, 0x67, 0x68, 0x69, 0x6b]);

/** ISO/IEC 14496-1 §7.2.6.5 and .6, descriptors; ISO/IEC 14496-3 §1.6.2.1, AudioSpecificConfig. */
function mp4aCodec(entry: Box): string {
  const box = configOf(entry, 'esds', AUDIO_FIELDS);
  const { reader } = box.fullBox();
  const enter = (wanted: number): void => {
    const at = reader.position;
    if (reader.u8() !== wanted) throw reader.error(`Descriptor ${wanted} is missing`, at);
    // The size has seven bits a byte and at most four bytes; the box bounds what follows.
    for (let i = 0; i < 4 && reader.u8() & 0x80; i++);
  };
  enter(ES_DESCRIPTOR);
  reader.skip(2);
  const flags = reader.u8();
  if (flags & 0x80) reader.skip(2);
  if (flags & 0x40) reader.skip(reader.u8());
  if (flags & 0x20) reader.skip(2);
  enter(DECODER_CONFIG_DESCRIPTOR);
  const object = reader.u8();
  if (!AUDIO_OBJECTS.has(object)) {
    throw new MediaError('unsupported-codec', `Unknown codec "mp4a.${hex(object)}"`, { offset: box.offset, path: box.path });
  }
  if (object !== MPEG4_AUDIO) return `mp4a.${hex(object)}`;
  reader.skip(12);
  enter(DECODER_SPECIFIC_INFO);
  const first = reader.u8();
  const short = first >> 3;
  return `mp4a.40.${short === 31 ? 32 + ((first & 7) << 3) + (reader.u8() >> 5) : short}`;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function decimal(value: number): string {
  return value.toString().padStart(2, '0');
}
