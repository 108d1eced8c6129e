import type { BitReader } from '../bit-reader';

/** What an AudioSpecificConfig says of what a decoder gives. */
export interface AacConfig {
  /** Audio object type as a codec string tells it: 2 is AAC-LC, 5 HE-AAC, 29 HE-AAC version 2. */
  readonly objectType: number;
  readonly sampleRate: number;
  /** Absent if the configuration leaves it to what follows it. */
  readonly channels: number | undefined;
  /** What is beneath SBR and PS. */
  readonly core: AacCore;
}

interface AacCore {
  readonly objectType: number;
  readonly sampleRate: number;
  readonly channels: number | undefined;
  /** Samples a packet, at this sample rate; absent if it isn't AAC proper. */
  readonly packetLength: number | undefined;
}

/** Audio object types, ISO/IEC 14496-3 table 1.17. */
const SBR = 5;
const PS = 29;
const ESCAPE = 31;
const SCALABLE: ReadonlySet<number> = new Set([6, 20]);
const BIT_SLICED = 22;
/** What has a GASpecificConfig, and of it what is resilient to errors. */
const GENERAL_AUDIO: ReadonlySet<number> = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);
const RESILIENT: ReadonlySet<number> = new Set([17, 19, 20, 23]);

/** By index, table 1.18. The last but one are reserved; 15 says that the rate itself follows. */
const SAMPLE_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
const EXPLICIT_RATE = 15;

/** By channel configuration, table 1.19. Nothing where it is reserved. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, undefined, undefined, undefined, 7, 8, 24, 8];

/** Marks of the backward compatible extension. */
const SBR_EXTENSION = 0x2b7;
const PS_EXTENSION = 0x548;

/**
 * Reads an AudioSpecificConfig, ISO/IEC 14496-3 §1.6.2.1. SBR and PS may be stated before what they extend, or behind it, where a
 * decoder that doesn't know them never looks. Where they are in the frames alone, nobody can tell.
 */
export function readAacConfig(bits: BitReader): AacConfig {
  const first = readObjectType(bits);
  const coreRate = readSampleRate(bits);
  const configuration = bits.bits(4);
  const stated = first === SBR || first === PS;
  const statedRate = stated ? readSampleRate(bits) : coreRate;
  const core = stated ? readObjectType(bits) : first;
  if (core === BIT_SLICED && stated) bits.skip(4);
  const general = GENERAL_AUDIO.has(core) ? readGeneralAudio(bits, core, configuration) : undefined;
  const extension = stated || !GENERAL_AUDIO.has(core) ? undefined : readExtension(bits);
  const sbr = first === SBR || extension?.rate !== undefined;
  const ps = first === PS || extension?.ps === true;
  const channels = configuration === 0 ? general?.channels : knownChannels(bits, configuration);
  return {
    objectType: ps ? PS : sbr ? SBR : core,
    sampleRate: extension?.rate ?? statedRate,
    // Parametric stereo makes two channels of one.
    channels: ps && channels === 1 ? 2 : channels,
    core: { objectType: core, sampleRate: coreRate, channels, packetLength: general?.packetLength },
  };
}

function readObjectType(bits: BitReader): number {
  const type = bits.bits(5);
  return type === ESCAPE ? 32 + bits.bits(6) : type;
}

function readSampleRate(bits: BitReader): number {
  const index = bits.bits(4);
  const rate = index === EXPLICIT_RATE ? bits.bits(24) : SAMPLE_RATES[index];
  if (rate === undefined) throw bits.error(`The sample rate ${index}, which AAC reserves`);
  if (rate === 0) throw bits.error('AAC with a sample rate of 0');
  return rate;
}

function knownChannels(bits: BitReader, configuration: number): number {
  const channels = CHANNELS[configuration];
  if (channels === undefined) throw bits.error(`The channel configuration ${configuration}, which AAC reserves`);
  return channels;
}

/** Reads GASpecificConfig, §4.4.1, with the channels of its program_config_element, if it has one. */
function readGeneralAudio(bits: BitReader, type: number, configuration: number): { packetLength: number; channels: number | undefined } {
  const packetLength = bits.flag() ? 960 : 1024;
  if (bits.flag()) bits.skip(14);
  const extended = bits.flag();
  const channels = configuration === 0 ? readProgram(bits) : undefined;
  if (SCALABLE.has(type)) bits.skip(3);
  if (extended && type === BIT_SLICED) bits.skip(16);
  if (extended && RESILIENT.has(type)) bits.skip(3);
  if (extended) bits.skip(1);
  return { packetLength, channels };
}

/** Reads program_config_element, §4.4.1.1, and counts its channels. */
function readProgram(bits: BitReader): number {
  bits.skip(10);
  const counts = [bits.bits(4), bits.bits(4), bits.bits(4)];
  const low = bits.bits(2);
  const data = bits.bits(3);
  const coupled = bits.bits(4);
  if (bits.flag()) bits.skip(4);
  if (bits.flag()) bits.skip(4);
  if (bits.flag()) bits.skip(3);
  let channels = low;
  for (const count of counts) {
    for (let i = 0; i < count; i++) {
      // A pair, or one channel.
      channels += bits.flag() ? 2 : 1;
      bits.skip(4);
    }
  }
  bits.skip(4 * (low + data) + 5 * coupled);
  bits.align();
  bits.skip(8 * bits.bits(8));
  if (channels === 0) throw bits.error('AAC with 0 channels');
  return channels;
}

/** What stands behind the configuration: the rate with SBR, if there is SBR, and whether there is PS. */
function readExtension(bits: BitReader): { rate: number | undefined; ps: boolean } | undefined {
  if (bits.remaining < 16 || bits.bits(11) !== SBR_EXTENSION || readObjectType(bits) !== SBR) return undefined;
  if (!bits.flag()) return undefined;
  const rate = readSampleRate(bits);
  const ps = bits.remaining >= 12 && bits.bits(11) === PS_EXTENSION && bits.flag();
  return { rate, ps };
}
