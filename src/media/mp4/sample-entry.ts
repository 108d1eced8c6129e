import { joinParts, u16, u32, type BytePart } from '../byte-parts';
import { boxBytes, fullBoxBytes, zeros } from './box-bytes';

/** A sample entry's first fields: data reference 1, ISO/IEC 14496-12 §8.5.2. */
const BASE = [...zeros(6), ...u16(1)];
/** 72 pixels an inch, as 16.16. */
const RESOLUTION = u32(72 << 16);

/** Sides of a picture, pixels. */
interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** An `avc1` around the payload of its `avcC`: ISO/IEC 14496-15 §5.4.2.1. */
export function avcEntry(configuration: Uint8Array, size: PictureSize): Uint8Array {
  return videoEntry('avc1', size, boxBytes('avcC', configuration));
}

/** A `vp09` around the payload of its `vpcC`: https://www.webmproject.org/vp9/mp4/#vp-codec-sample-entry-box */
export function vp9Entry(configuration: Uint8Array, size: PictureSize): Uint8Array {
  return videoEntry('vp09', size, fullBoxBytes('vpcC', { version: 1 }, configuration));
}

/** An `av01` around the payload of its `av1C`: https://aomediacodec.github.io/av1-isobmff/#av1sampleentry-section */
export function av1Entry(configuration: Uint8Array, size: PictureSize): Uint8Array {
  return videoEntry('av01', size, boxBytes('av1C', configuration));
}

/** ISO/IEC 14496-12 §12.1.3. */
function videoEntry(type: string, { width, height }: PictureSize, configuration: Uint8Array): Uint8Array {
  const depth = 24;
  const fields = [...zeros(16), ...u16(width), ...u16(height), ...RESOLUTION, ...RESOLUTION, ...zeros(4), ...u16(1), ...zeros(32), ...u16(depth), 0xff, 0xff];
  return boxBytes(type, BASE, fields, configuration);
}

/** An `Opus` around the payload of its `dOps`: https://opus-codec.org/docs/opus_in_isobmff.html#4.3 */
export function opusEntry(configuration: Uint8Array, channels: number): Uint8Array {
  return audioEntry('Opus', { channels, sampleRate: 48_000 }, boxBytes('dOps', configuration));
}

const ES_DESCRIPTOR = 3;
const DECODER_CONFIG_DESCRIPTOR = 4;
const DECODER_SPECIFIC_INFO = 5;
const SL_CONFIG_DESCRIPTOR = 6;
const MPEG4_AUDIO = 0x40;
/** Stream type "audio", with the bit that is always set. */
const AUDIO_STREAM = 0x15;

/** An `mp4a` around an AudioSpecificConfig: ISO/IEC 14496-14 §5.6, ISO/IEC 14496-1 §7.2.6.5 and .6. */
export function aacEntry(config: Uint8Array, shape: { channels: number; sampleRate: number }): Uint8Array {
  const specific = descriptor(DECODER_SPECIFIC_INFO, config);
  const decoder = descriptor(DECODER_CONFIG_DESCRIPTOR, [MPEG4_AUDIO, AUDIO_STREAM, ...zeros(11)], specific);
  const stream = descriptor(ES_DESCRIPTOR, zeros(3), decoder, descriptor(SL_CONFIG_DESCRIPTOR, [2]));
  return audioEntry('mp4a', shape, fullBoxBytes('esds', {}, stream));
}

/** A tag, a size of seven bits a byte in four bytes, and the parts. */
function descriptor(tag: number, ...parts: readonly BytePart[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const sizeBytes = [21, 14, 7, 0].map((shift) => ((size >>> shift) & 0x7f) | (shift > 0 ? 0x80 : 0));
  return joinParts([[tag, ...sizeBytes], ...parts]);
}

/** §12.2.3. A rate that doesn't fit its 16 bits stands as 0: the configuration has it. */
function audioEntry(type: string, { channels, sampleRate }: { channels: number; sampleRate: number }, config: Uint8Array): Uint8Array {
  const rate = sampleRate < 2 ** 16 ? sampleRate : 0;
  return boxBytes(type, BASE, zeros(8), u16(channels), u16(16), zeros(4), u16(rate), zeros(2), config);
}
