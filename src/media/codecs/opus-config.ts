import type { CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** Whatever rate went in, a decoder gives this one: RFC 6716 §2. */
export const OPUS_RATE = 48_000;

/** Reads a `dOps`: https://opus-codec.org/docs/opus_in_isobmff.html#4.3.2 */
export function readOpusConfig(config: DecoderConfig): CodecDetails {
  const reader = config.reader();
  if (reader.u8() !== 0) throw reader.error('Not the first version of an Opus configuration', 0);
  const channels = reader.u8();
  if (channels === 0) throw reader.error('Opus with 0 channels', 0);
  return opusDetails(channels);
}

/** What Matroska, WebM and Ogg say of Opus. */
export interface OpusHead {
  readonly channels: number;
  /** Samples at the beginning that aren't heard. */
  readonly preSkip: number;
  /** Of what was encoded, for information; 0 if it isn't told. */
  readonly inputRate: number;
  /** As its 16 bits. */
  readonly gain: number;
  readonly family: number;
  /** Stream counts, and which channel is where in them; empty in family 0, which is one stream of one or two channels. */
  readonly mapping: Uint8Array;
}

const MAGIC = 'OpusHead';

/** Reads the identification header that is CodecPrivate in Matroska and WebM, RFC 7845 §5.1. @throws MediaError `malformed-media`. */
export function readOpusHead(config: DecoderConfig): OpusHead {
  const reader = config.reader();
  if (reader.fourCC() + reader.fourCC() !== MAGIC) throw reader.error(`An Opus header begins with "${MAGIC}"`, 0);
  reader.skip(1);
  const channels = reader.u8();
  if (channels === 0) throw reader.error('Opus with 0 channels');
  // Little-endian, as in Ogg.
  const preSkip = swap16(reader.u16());
  const inputRate = swap16(reader.u16()) + swap16(reader.u16()) * 2 ** 16;
  const gain = swap16(reader.u16());
  const family = reader.u8();
  if (family === 0 && channels > 2) throw reader.error(`Opus with ${channels} channels and no places for them`);
  const mapping = family === 0 ? new Uint8Array(0) : reader.bytes(2 + channels);
  return { channels, preSkip, inputRate, gain, family, mapping };
}

/** What such a header tells of its track. */
export function readOpusPrivate(config: DecoderConfig): CodecDetails {
  return opusDetails(readOpusHead(config).channels);
}

function opusDetails(channels: number): CodecDetails {
  return { codec: 'opus', channels, sampleRate: OPUS_RATE };
}

function swap16(value: number): number {
  return ((value & 0xff) << 8) | (value >> 8);
}
