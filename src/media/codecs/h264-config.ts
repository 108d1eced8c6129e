import { readSps } from '../remux/sps';
import { hex, type CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** Reads an `avcC`: ISO/IEC 14496-15 §5.3.3.1, AVCDecoderConfigurationRecord. */
export function readH264Config(config: DecoderConfig, name: string): CodecDetails {
  const reader = config.reader();
  if (reader.u8() !== 1) throw reader.error('Not the first version of an H.264 configuration', 0);
  const codec = `${name}.${hex(reader.u8())}${hex(reader.u8())}${hex(reader.u8())}`;
  reader.skip(1);
  // Frames may bring their own.
  const count = reader.u8() & 0x1f;
  if (count === 0) return { codec };
  const { frameRate, presumedReorder } = readSps(reader.bytes(reader.u16()), config.place);
  return { codec, ...(frameRate !== undefined && { frameRate }), ...(presumedReorder !== undefined && { presumedReorder }) };
}
