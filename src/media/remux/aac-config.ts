import { BitReader } from '../bit-reader';
import type { BytePlace } from '../byte-reader';
import { MediaError } from '../media-error';

/** What an AudioSpecificConfig says that a container must know. */
export interface AacConfig {
  /** Of the core coder, to which SBR may add as much again. */
  readonly sampleRate: number;
  /** 0 if the stream itself tells. */
  readonly channels: number;
  /** Samples a packet, at `sampleRate`. */
  readonly packetLength: number;
}

/** ISO/IEC 14496-3 table 1.18. */
const SAMPLE_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
/** Table 1.19. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];
const MAX_SAMPLE_RATE = 96_000;
const SBR = 5;
const PARAMETRIC_STEREO = 29;
/** Main, LC, SSR and LTP: what browsers may take. */
const GENERAL_AUDIO: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** Reads an AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1. @throws MediaError `malformed-media` or `unsupported-codec`. */
export function readAacConfig(config: Uint8Array, place: BytePlace): AacConfig {
  const bits = new BitReader(config, place);
  let object = readObject(bits);
  const sampleRate = readSampleRate(bits);
  const channels = CHANNELS[bits.bits(4)] ?? 0;
  if (object === SBR || object === PARAMETRIC_STEREO) {
    readSampleRate(bits);
    object = readObject(bits);
  }
  if (!GENERAL_AUDIO.has(object)) throw new MediaError('unsupported-codec', `Unknown codec "mp4a.40.${object}"`, place);
  return { sampleRate, channels, packetLength: bits.flag() ? 960 : 1024 };
}

function readObject(bits: BitReader): number {
  const short = bits.bits(5);
  return short === 31 ? 32 + bits.bits(6) : short;
}

function readSampleRate(bits: BitReader): number {
  const index = bits.bits(4);
  const rate = index === 15 ? bits.bits(24) : (SAMPLE_RATES[index] ?? 0);
  if (rate === 0 || rate > MAX_SAMPLE_RATE) throw bits.error(`AAC with a sample rate of ${rate}`);
  return rate;
}
