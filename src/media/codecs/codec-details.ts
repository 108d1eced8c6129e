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
