import { frameRateOf, type CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';
import { readSpsFrameRate } from './h265-sps';

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
