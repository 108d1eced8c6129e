import type { Track } from '../chunk';

/** What a decoder configuration tells of its track. What it doesn't tell is absent. */
export type CodecDetails = Pick<Track, 'codec' | 'frameRate' | 'presumedReorder' | 'channels' | 'sampleRate'>;

/** Frames a second of frames that last `seconds`, to three decimals; nothing if no picture moves like that. */
export function frameRateOf(seconds: number): number | undefined {
  const rate = Math.round(1000 / seconds) / 1000;
  return rate > 0 && rate <= MAX_FRAME_RATE ? rate : undefined;
}

/** What is above is a placeholder, such as a clock of 90 kHz that calls every tick a frame. */
const MAX_FRAME_RATE = 1000;

/** Two hexadecimal digits. */
export function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** Two decimal digits. */
export function decimal(value: number): string {
  return value.toString().padStart(2, '0');
}

/** How numbers become colours: code points of ITU-T H.273 §8. */
export interface Colour {
  readonly primaries: number;
  readonly transfer: number;
  readonly matrix: number;
  readonly fullRange: boolean;
}

const BT709 = 1;
const UNSPECIFIED = 2;

/** The part of a codec string that states the colours, `09.16.09.0`; nothing if it would say what is taken for granted: BT.709, and not full range. */
export function colourTail(colour: Colour | undefined, digits = 1): string | undefined {
  if (!colour) return undefined;
  const { primaries, transfer, matrix, fullRange } = colour;
  const plain = [primaries, transfer, matrix].every((code) => code === BT709 || code === UNSPECIFIED);
  if (plain && !fullRange) return undefined;
  return [...[primaries, transfer, matrix].map(decimal), (fullRange ? '1' : '0').padStart(digits, '0')].join('.');
}
