import { OPUS_RATE, type OpusHead } from '../codecs/opus-config';
import { u16, u32 } from '../mp4/box-bytes';

/** What is said of Opus without a header: one stream of one or two channels. */
export function plainOpus(channels: number): OpusHead {
  return { channels: Math.min(2, Math.max(1, channels)), preSkip: 0, inputRate: OPUS_RATE, gain: 0, family: 0, mapping: new Uint8Array(0) };
}

/** The payload of a `dOps` (https://opus-codec.org/docs/opus_in_isobmff.html#4.3.2): the fields of the header, but big-endian. */
export function opusConfiguration({ channels, preSkip, inputRate, gain, family, mapping }: OpusHead): Uint8Array {
  return Uint8Array.from([0, channels, ...u16(preSkip), ...u32(inputRate), ...u16(gain), family, ...mapping]);
}
