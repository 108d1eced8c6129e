import { u16, u32 } from '../byte-parts';
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

/** Microseconds of a frame in the modes SILK, hybrid and CELT, by the low bits of the configuration, RFC 6716 §3.1 table 2. */
const SILK = [10_000, 20_000, 40_000, 60_000];
const HYBRID = [10_000, 20_000];
const CELT = [2_500, 5_000, 10_000, 20_000];

/** Microseconds that an Opus packet lasts, by its TOC byte (RFC 6716 §3.1); nothing if it can't be told. */
export function opusPacketDuration(packet: Uint8Array): number | undefined {
  const [toc, second = 0] = packet;
  if (toc === undefined) return undefined;
  const code = toc & 3;
  const frames = code === 3 ? second & 0x3f : code === 0 ? 1 : 2;
  const duration = frames * frameDuration(toc >> 3);
  return duration === 0 || duration > 120_000 ? undefined : duration;
}

function frameDuration(configuration: number): number {
  if (configuration < 12) return SILK[configuration & 3] ?? 0;
  if (configuration < 16) return HYBRID[configuration & 1] ?? 0;
  return CELT[configuration & 3] ?? 0;
}

/** What is said of Opus without a header: one stream of one or two channels. */
export function plainOpus(channels: number): OpusHead {
  return { channels: Math.min(2, Math.max(1, channels)), preSkip: 0, inputRate: OPUS_RATE, gain: 0, family: 0, mapping: new Uint8Array(0) };
}

/** The payload of a `dOps` (https://opus-codec.org/docs/opus_in_isobmff.html#4.3.2): the fields of the header, but big-endian. */
export function opusConfiguration({ channels, preSkip, inputRate, gain, family, mapping }: OpusHead): Uint8Array {
  return Uint8Array.from([0, channels, ...u16(preSkip), ...u32(inputRate), ...u16(gain), family, ...mapping]);
}
