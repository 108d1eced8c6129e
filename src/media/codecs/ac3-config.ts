import type { BitReader } from '../bit-reader';
import type { CodecDetails } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** By `fscod`, ETSI TS 102 366 §4.4.1.3. The fourth is reserved. */
const SAMPLE_RATES = [48_000, 44_100, 32_000];
/** By `acmod`, §4.4.2.3, without the low-frequency channel. */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
/** By the bits of `chan_loc`, table F.1, the lowest first: a place may be a pair. */
const MORE_CHANNELS = [2, 2, 1, 1, 2, 2, 2, 1, 1];

/** Reads a `dac3`, annex F.4. */
export function readAc3Config(config: DecoderConfig): CodecDetails {
  const bits = config.bits();
  const sampleRate = readSampleRate(bits);
  bits.skip(8);
  return { codec: 'ac-3', channels: readChannels(bits), sampleRate };
}

/** Reads a `dec3`, annex F.6. The first independent substream is what a decoder plays, with those that depend on it. */
export function readEac3Config(config: DecoderConfig): CodecDetails {
  const bits = config.bits();
  bits.skip(16);
  const sampleRate = readSampleRate(bits);
  bits.skip(10);
  const channels = readChannels(bits);
  bits.skip(3);
  const places = bits.bits(4) > 0 ? bits.bits(9) : 0;
  const more = MORE_CHANNELS.reduce((sum, count, bit) => sum + (places & (1 << bit) ? count : 0), 0);
  return { codec: 'ec-3', channels: channels + more, sampleRate };
}

function readSampleRate(bits: BitReader): number {
  const rate = SAMPLE_RATES[bits.bits(2)];
  if (rate === undefined) throw bits.error('A sample rate that AC-3 reserves');
  return rate;
}

function readChannels(bits: BitReader): number {
  return (CHANNELS[bits.bits(3)] ?? 0) + bits.bits(1);
}
