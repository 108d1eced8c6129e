import type { BitReader } from '../bit-reader';
import { type CodecDetails, type Colour, colourTail, decimal, frameRateOf } from './codec-details';
import type { DecoderConfig } from './decoder-config';

/** What a sequence header says and `av1C` doesn't. */
export interface Av1Sequence {
  readonly frameRate: number | undefined;
  readonly colour: Colour;
}

const SEQUENCE_HEADER = 1;

/** The sequence header among the OBUs from byte `from` on, if there is one: AV1 specification §5.3, https://aomediacodec.github.io/av1-spec/ */
function readSequenceHeader(config: DecoderConfig, from: number): Av1Sequence | undefined {
  const reader = config.reader(from);
  while (reader.remaining > 0) {
    const header = reader.u8();
    if (header & 4) reader.skip(1);
    const size = header & 2 ? readLeb128(() => reader.u8()) : reader.remaining;
    if (((header >> 3) & 15) === SEQUENCE_HEADER) return readSequence(config.bits(from + reader.position));
    reader.skip(size);
  }
  return undefined;
}

/** §4.10.5. */
function readLeb128(next: () => number): number {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = next();
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) break;
  }
  return value;
}

/** §5.5.1. */
function readSequence(bits: BitReader): Av1Sequence {
  const profile = bits.bits(3);
  bits.skip(1);
  const reduced = bits.flag();
  const frameRate = reduced ? (bits.skip(5), undefined) : readOperatingPoints(bits);
  const widthBits = bits.bits(4) + 1;
  const heightBits = bits.bits(4) + 1;
  bits.skip(widthBits + heightBits);
  if (!reduced && bits.flag()) bits.skip(7);
  bits.skip(3);
  if (!reduced) skipTools(bits);
  bits.skip(3);
  return { frameRate, colour: readColour(bits, profile) };
}

/** Gives the frame rate, which stands before them. */
function readOperatingPoints(bits: BitReader): number | undefined {
  const timed = bits.flag();
  const frameRate = timed ? readTiming(bits) : undefined;
  const modelled = timed && bits.flag();
  const delayBits = modelled ? bits.bits(5) + 1 : 0;
  if (modelled) bits.skip(42);
  const delayed = bits.flag();
  const points = bits.bits(5) + 1;
  for (let i = 0; i < points; i++) {
    bits.skip(12);
    if (bits.bits(5) > 7) bits.skip(1);
    if (modelled && bits.flag()) bits.skip(2 * delayBits + 1);
    if (delayed && bits.flag()) bits.skip(4);
  }
  return frameRate;
}

/** §5.5.3. Only equal intervals are a frame rate. */
function readTiming(bits: BitReader): number | undefined {
  const tick = bits.bits(32);
  const scale = bits.bits(32);
  if (!bits.flag()) return undefined;
  return frameRateOf((tick * (bits.ue() + 1)) / scale);
}

/** Coding tools that a full sequence header states. */
function skipTools(bits: BitReader): void {
  bits.skip(4);
  const ordered = bits.flag();
  if (ordered) bits.skip(2);
  const screenContent = bits.flag() || bits.flag();
  // Whether motion vectors are integers, where the frames don't choose.
  if (screenContent && !bits.flag()) bits.skip(1);
  if (ordered) bits.skip(3);
}

/** §5.5.2. */
function readColour(bits: BitReader, profile: number): Colour {
  const high = bits.flag();
  if (profile === 2 && high) bits.skip(1);
  const monochrome = profile !== 1 && bits.flag();
  const described = bits.flag();
  const [primaries, transfer, matrix] = described ? [bits.bits(8), bits.bits(8), bits.bits(8)] : [2, 2, 2];
  const isSrgb = !monochrome && primaries === 1 && transfer === 13 && matrix === 0;
  return { primaries, transfer, matrix, fullRange: isSrgb || bits.flag() };
}

/**
 * Reads an `av1C`, which Matroska keeps as CodecPrivate: https://aomediacodec.github.io/av1-isobmff/#av1codecconfigurationbox
 * and #codecsparam.
 */
export function readAv1Config(config: DecoderConfig): CodecDetails {
  const bits = config.bits();
  if (!bits.flag() || bits.bits(7) !== 1) throw bits.error('Not the first version of an AV1 configuration');
  const profile = bits.bits(3);
  const level = bits.bits(5);
  const tier = bits.flag() ? 'H' : 'M';
  const highDepth = bits.flag();
  const depth = highDepth ? (bits.flag() ? 12 : 10) : (bits.skip(1), 8);
  const monochrome = bits.bits(1);
  const subsampling = [bits.bits(1), bits.bits(1), bits.bits(2)] as const;
  const sequence = readSequenceHeader(config, CONFIG_SIZE);
  const codec = `av01.${profile}.${decimal(level)}${tier}.${decimal(depth)}${tail(monochrome, subsampling, sequence)}`;
  return { codec, ...(sequence?.frameRate !== undefined && { frameRate: sequence.frameRate }) };
}

/** Bytes before the OBUs. */
const CONFIG_SIZE = 4;

/** The optional part, all of it or nothing. */
function tail(monochrome: number, [x, y, position]: readonly [number, number, number], sequence: Av1Sequence | undefined): string {
  const colour = colourTail(sequence?.colour);
  if (monochrome === 0 && x === 1 && y === 1 && colour === undefined) return '';
  const sample = x === 1 && y === 1 ? position : 0;
  return `.${monochrome}.${x}${y}${sample}.${colour ?? '01.01.01.0'}`;
}
