import type { Container, Track } from '../chunk';
import { OPUS_RATE } from '../codecs/opus';

/** A packet in which nothing is heard. */
export interface SilentPacket {
  readonly bytes: Uint8Array;
  /** Seconds. */
  readonly duration: number;
}

/**
 * The elements of a raw AAC frame (ISO/IEC 14496-3 table 4.85) by the number of channels: S is one channel, P is two, L is the low frequencies.
 */
const AAC_ELEMENTS: readonly (string | undefined)[] = [undefined, 'S', 'P', 'SP', 'SPS', 'SPP', 'SPPL', undefined, 'SPPPL'];
/** Values of id_syn_ele. */
const ELEMENT_ID = { S: 0, P: 1, L: 3, END: 7 } as const;
/** Samples of an AAC frame. */
const AAC_FRAME = 1024;
/** Object types whose decoder gives twice the rate of its core, and of which one gives two channels for one. */
const HE_AAC = 'mp4a.40.5';
const HE_AAC_V2 = 'mp4a.40.29';

/** An Opus packet of six frames of 20 ms, CELT, each with nothing to hear: RFC 6716 §3.1, §3.2.5. By the number of channels. */
const OPUS_FRAMES = 6;
const OPUS_TOC: readonly (number | undefined)[] = [undefined, 0xfb, 0xff];
const OPUS_SILENCE = [0xff, 0xfe];
const OPUS_DURATION = (OPUS_FRAMES * OPUS_RATE) / 50 / OPUS_RATE;

/** Silence for an audio track; undefined where its codec, or its number of channels, has none that is known here. */
export function silenceOf({ codec, channels = 0, sampleRate = 0 }: Track, container: Container): SilentPacket | undefined {
  if (codec === 'opus') return opusSilence(channels);
  if (container !== 'mp4' || sampleRate === 0) return undefined;
  switch (codec) {
    case 'mp4a.40.2':
      return aacSilence(channels, AAC_FRAME / sampleRate);
    case HE_AAC:
      return aacSilence(channels, (2 * AAC_FRAME) / sampleRate);
    case HE_AAC_V2:
      return aacSilence(1, (2 * AAC_FRAME) / sampleRate);
    default:
      return undefined;
  }
}

function opusSilence(channels: number): SilentPacket | undefined {
  const toc = OPUS_TOC[channels];
  if (toc === undefined) return undefined;
  const frames = Array.from({ length: OPUS_FRAMES }, () => OPUS_SILENCE).flat();
  return { bytes: Uint8Array.from([toc, OPUS_FRAMES, ...frames]), duration: OPUS_DURATION };
}

function aacSilence(channels: number, duration: number): SilentPacket | undefined {
  const elements = AAC_ELEMENTS[channels];
  return elements === undefined ? undefined : { bytes: aacFrame(elements), duration };
}

/** A raw_data_block whose elements have no band with anything in it: ISO/IEC 14496-3 §4.4.2. */
function aacFrame(elements: string): Uint8Array {
  const bits = new Bits();
  const tags = { S: 0, P: 0, L: 0 };
  for (const element of elements) {
    const kind = element === 'P' || element === 'L' ? element : 'S';
    bits.add(ELEMENT_ID[kind], 3);
    bits.add(tags[kind]++, 4);
    if (kind === 'P') {
      // common_window, one ics_info for both, no M/S.
      bits.add(1, 1);
      bits.add(0, ICS_INFO);
      bits.add(0, 2);
      bits.add(0, GLOBAL_GAIN + NO_TOOLS);
      bits.add(0, GLOBAL_GAIN + NO_TOOLS);
    } else {
      bits.add(0, GLOBAL_GAIN + ICS_INFO + NO_TOOLS);
    }
  }
  bits.add(ELEMENT_ID.END, 3);
  return bits.bytes;
}

/** Bits of ics_info with a long window, max_sfb 0 and no prediction; of global_gain; and of pulses, TNS and gain control that aren't there. */
const ICS_INFO = 1 + 2 + 1 + 6 + 1;
const GLOBAL_GAIN = 8;
const NO_TOOLS = 3;

class Bits {
  readonly #bits: number[] = [];

  add(value: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.#bits.push((value >> bit) & 1);
  }

  /** Filled up with zeros. */
  get bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, at) => (bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (7 - (at & 7)))));
    return bytes;
  }
}
