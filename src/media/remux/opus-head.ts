import { ByteReader, type BytePlace } from '../byte-reader';
import { u16, u32 } from '../mp4/box-bytes';

/** What MP4 says of Opus. */
export interface OpusConfiguration {
  readonly channels: number;
  /** The payload of a `dOps`. */
  readonly bytes: Uint8Array;
}

const MAGIC = 'OpusHead';
const SAMPLE_RATE = 48_000;

/**
 * Turns the header that Matroska keeps (RFC 7845 §5.1) into a `dOps` (https://opus-codec.org/docs/opus_in_isobmff.html#4.3.2),
 * which has the same fields, but big-endian. @throws MediaError `malformed-media`.
 */
export function readOpusHead(head: Uint8Array, place: BytePlace): OpusConfiguration {
  const reader = new ByteReader(head, place);
  if (reader.fourCC() + reader.fourCC() !== MAGIC) throw reader.error(`An Opus header begins with "${MAGIC}"`, 0);
  reader.skip(1);
  const channels = reader.u8();
  if (channels === 0) throw reader.error('Opus with 0 channels');
  const preSkip = swap16(reader.u16());
  const sampleRate = swap16(reader.u16()) + swap16(reader.u16()) * 2 ** 16;
  const gain = swap16(reader.u16());
  const family = reader.u8();
  const mapping = family === 0 ? new Uint8Array(0) : reader.bytes(2 + channels);
  if (family === 0 && channels > 2) throw reader.error(`Opus with ${channels} channels and no places for them`);
  return { channels, bytes: configuration({ channels, preSkip, sampleRate, gain, family, mapping }) };
}

/** What is said of Opus without a header: one stream of one or two channels. */
export function plainOpus(channels: number): OpusConfiguration {
  const known = Math.min(2, Math.max(1, channels));
  return { channels: known, bytes: configuration({ channels: known, preSkip: 0, sampleRate: SAMPLE_RATE, gain: 0, family: 0, mapping: new Uint8Array(0) }) };
}

interface OpusFields {
  readonly channels: number;
  readonly preSkip: number;
  readonly sampleRate: number;
  readonly gain: number;
  readonly family: number;
  readonly mapping: Uint8Array;
}

function configuration({ channels, preSkip, sampleRate, gain, family, mapping }: OpusFields): Uint8Array {
  return Uint8Array.from([0, channels, ...u16(preSkip), ...u32(sampleRate), ...u16(gain), family, ...mapping]);
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
