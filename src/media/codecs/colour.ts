import { decimal } from './codec-details';

/** How numbers become colours: code points of ITU-T H.273 §8. */
export interface Colour {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

const BT709 = 1;
const UNSPECIFIED = 2;

/** The part of a codec string that tells the colours, `09.16.09.0`; nothing if it would say what is taken for granted: BT.709, and not full range. */
export function colourTail(colour: Colour | undefined, digits = 1): string | undefined {
  if (!colour) return undefined;
  const { primaries, transfer, matrix, fullRange } = colour;
  const plain = [primaries, transfer, matrix].every((code) => code === BT709 || code === UNSPECIFIED);
  if (plain && !fullRange) return undefined;
  return [...[primaries, transfer, matrix].map(decimal), (fullRange ? '1' : '0').padStart(digits, '0')].join('.');
}
