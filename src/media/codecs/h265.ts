import { BitReader } from '../bit-reader';
import type { BytePlace } from '../byte-reader';
import { type CodecDetails, frameRateOf } from './codec-details';
import type { DecoderConfig } from './decoder-config';
import { unescapeNalUnit } from './nal-escaping';

/** Bytes of a NAL unit's header. */
const HEADER = 2;

/** Bounds of ITU-T H.265 §7.4.3.2.1 and §7.4.8, which bound the work too. */
const MAX_REF_PIC_SETS = 64;
const MAX_PICTURES = 16;
const MAX_LONG_TERM = 32;
const EXTENDED_SAR = 255;

/**
 * The frame rate that a sequence parameter set states, if it does: ITU-T H.265 §7.3.2.2 and annex E.2.1. Everything before is walked through.
 * @throws MediaError `malformed-media`.
 */
function readSpsFrameRate(unit: Uint8Array, place: BytePlace): number | undefined {
  const bits = new BitReader(unescapeNalUnit(unit, HEADER), place);
  bits.skip(4);
  const subLayers = bits.bits(3);
  bits.skip(1);
  skipProfileTierLevel(bits, subLayers);
  bits.ue();
  if (bits.ue() === 3) bits.skip(1);
  skipNumbers(bits, 2);
  if (bits.flag()) skipNumbers(bits, 4);
  skipNumbers(bits, 2);
  const orderBits = bits.ue() + 4;
  skipNumbers(bits, 3 * (bits.flag() ? subLayers + 1 : 1));
  skipNumbers(bits, 6);
  if (bits.flag() && bits.flag()) skipScalingLists(bits);
  bits.skip(2);
  if (bits.flag()) {
    bits.skip(8);
    skipNumbers(bits, 2);
    bits.skip(1);
  }
  skipRefPicSets(bits);
  if (bits.flag()) bits.skip(atMost(bits, MAX_LONG_TERM) * (orderBits + 1));
  bits.skip(2);
  return bits.flag() ? readVui(bits) : undefined;
}

/** §7.3.3. */
function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.skip(96);
  const present = Array.from({ length: subLayers }, () => [bits.flag(), bits.flag()] as const);
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

/** §7.3.4. */
function skipScalingLists(bits: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (bits.flag()) skipNumbers(bits, Math.min(64, 1 << (4 + 2 * size)) + (size > 1 ? 1 : 0));
      else bits.ue();
    }
  }
}

/** §7.3.7. A set may be told as the difference from the one before. */
function skipRefPicSets(bits: BitReader): void {
  const sets = atMost(bits, MAX_REF_PIC_SETS);
  let pictures = 0;
  for (let set = 0; set < sets; set++) {
    if (set > 0 && bits.flag()) {
      pictures = readPredictedSet(bits, pictures);
      continue;
    }
    pictures = atMost(bits, MAX_PICTURES) + atMost(bits, MAX_PICTURES);
    for (let i = 0; i < pictures; i++) {
      bits.ue();
      bits.skip(1);
    }
  }
}

/** Gives how many pictures it has. */
function readPredictedSet(bits: BitReader, before: number): number {
  bits.skip(1);
  bits.ue();
  let pictures = 0;
  for (let i = 0; i <= before; i++) if (bits.flag() || bits.flag()) pictures++;
  return pictures;
}

/** Annex E.2.1. */
function readVui(bits: BitReader): number | undefined {
  if (bits.flag() && bits.bits(8) === EXTENDED_SAR) bits.skip(32);
  if (bits.flag()) bits.skip(1);
  if (bits.flag()) {
    bits.skip(4);
    if (bits.flag()) bits.skip(24);
  }
  if (bits.flag()) skipNumbers(bits, 2);
  bits.skip(3);
  if (bits.flag()) skipNumbers(bits, 4);
  if (!bits.flag()) return undefined;
  const tick = bits.bits(32);
  return frameRateOf(tick / bits.bits(32));
}

function skipNumbers(bits: BitReader, count: number): void {
  for (let i = 0; i < count; i++) bits.ue();
}

function atMost(bits: BitReader, most: number): number {
  const value = bits.ue();
  if (value > most) throw bits.error(`A number is ${value}, where ${most} is the most`);
  return value;
}

const SPS = 33;

/** Reads an `hvcC`: ISO/IEC 14496-15 §8.3.3.1, HEVCDecoderConfigurationRecord; the string is that of its annex E.3. */
export function readH265Config(config: DecoderConfig, name: string): CodecDetails {
  const reader = config.reader();
  if (reader.u8() !== 1) throw reader.error('Not the first version of an H.265 configuration', 0);
  const profile = reader.u8();
  const space = ['', 'A', 'B', 'C'][profile >> 6] ?? '';
  const compatibility = reverseBits(reader.u32()).toString(16).toUpperCase();
  const constraints = Array.from(reader.bytes(6));
  const level = reader.u8();
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = profile & 0x20 ? 'H' : 'L';
  const parts = [name, `${space}${profile & 0x1f}`, compatibility, `${tier}${level}`, ...constraints.map((byte) => byte.toString(16).toUpperCase())];
  // Segmentation, parallelism, chroma format and bit depths.
  reader.skip(6);
  // Frames in 256 seconds; 0 is not stated.
  const average = reader.u16();
  const frameRate = average > 0 ? frameRateOf(256 / average) : readFrameRate(config, reader.position);
  return { codec: parts.join('.'), ...(frameRate !== undefined && { frameRate }) };
}

function reverseBits(value: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed |= ((value >>> bit) & 1) << (31 - bit);
  return reversed >>> 0;
}

/** What the first SPS states, if there is one among the arrays of NAL units. */
function readFrameRate(config: DecoderConfig, at: number): number | undefined {
  const reader = config.reader(at);
  reader.skip(1);
  for (let arrays = reader.u8(); arrays > 0; arrays--) {
    const type = reader.u8() & 0x3f;
    for (let units = reader.u16(); units > 0; units--) {
      const unit = reader.bytes(reader.u16());
      if (type === SPS) return readSpsFrameRate(unit, config.place);
    }
  }
  return undefined;
}
