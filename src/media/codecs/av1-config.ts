import { readSequenceHeader, type Av1Sequence } from './av1-sequence';
import { decimal, type CodecDetails } from './codec-details';
import { colourTail } from './colour';
import type { DecoderConfig } from './decoder-config';

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
