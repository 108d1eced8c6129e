import { BitReader } from '../../src/media/bit-reader';
import { unescapeNalUnit } from '../../src/media/codecs/nal-escaping';
import { joinBytes } from './container-parser-contract';

/** Writes bits, as ITU-T H.264 lays them out. */
export class BitWriter {
  #bits = '';

  bits(value: number, count: number): this {
    this.#bits += value.toString(2).padStart(count, '0');
    return this;
  }

  /** An unsigned Exp-Golomb number, §9.1. */
  ue(...values: readonly number[]): this {
    for (const value of values) {
      const code = (value + 1).toString(2);
      this.#bits += '0'.repeat(code.length - 1) + code;
    }
    return this;
  }

  /** The bytes, behind a stop bit. */
  bytes(): Uint8Array {
    const whole = `${this.#bits}1`;
    return Uint8Array.from(whole.padEnd(Math.ceil(whole.length / 8) * 8, '0').match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
  }
}

export interface SpsFields {
  readonly id?: number;
  readonly profile?: number;
  readonly level?: number;
  readonly constraints?: number;
  readonly pictureOrder?: 0 | 2;
  /** Macroblocks. */
  readonly columns?: number;
  readonly rows?: number;
  /** In units of two pixels, from the right and the bottom. */
  readonly crop?: readonly [right: number, bottom: number];
  /** `max_num_reorder_frames`; no VUI without. */
  readonly reorder?: number;
}

/** An SPS of 4:2:0 and 8 bits, with its NAL unit header; free of what would have to be escaped. */
export function sps({ id = 0, profile = 77, level = 30, constraints = 0, pictureOrder = 0, columns = 10, rows = 8, crop, reorder }: SpsFields = {}): Uint8Array {
  const bits = new BitWriter().bits(profile, 8).bits(constraints, 8).bits(level, 8).ue(id);
  if (profile === 100) bits.ue(1, 0, 0).bits(0, 2);
  bits.ue(0, pictureOrder);
  if (pictureOrder === 0) bits.ue(0);
  bits.ue(1).bits(0, 1).ue(columns - 1, rows - 1).bits(0b11, 2);
  if (crop) bits.bits(1, 1).ue(0, crop[0], 0, crop[1]);
  else bits.bits(0, 1);
  if (reorder === undefined) bits.bits(0, 1);
  else bits.bits(1, 1).bits(0, 8).bits(1, 1).bits(1, 1).ue(0, 0, 0, 0, reorder, reorder);
  return Uint8Array.of(0x67, ...bits.bytes());
}

/** The SPS of Baseline, in frames and not cropped, as it would be without a VUI. */
export function withoutVui(unit: Uint8Array): Uint8Array {
  const place = { offset: 0, path: '' };
  const bits = new BitReader(unescapeNalUnit(unit), place);
  const all = bits.remaining;
  bits.skip(24);
  bits.ue();
  bits.ue();
  if (bits.ue() === 0) bits.ue();
  bits.ue();
  bits.skip(1);
  bits.ue();
  bits.ue();
  bits.skip(3);
  const kept = all - bits.remaining;
  const again = new BitReader(unescapeNalUnit(unit), place);
  const written = new BitWriter();
  for (let bit = 0; bit < kept; bit++) written.bits(again.bits(1), 1);
  return Uint8Array.of(0x67, ...written.bits(0, 1).bytes());
}

/** A PPS of an SPS, with its NAL unit header. */
export function pps(id = 0, spsId = 0, more = 0): Uint8Array {
  return Uint8Array.of(0x68, ...new BitWriter().ue(id, spsId, more).bytes());
}

export const IDR = Uint8Array.of(0x65, 0x88, 0x84);
export const SLICE = Uint8Array.of(0x41, 0x9a, 0x02);
export const AUD = Uint8Array.of(0x09, 0xf0);

/** NAL units behind start codes. */
export function annexB(...units: readonly Uint8Array[]): Uint8Array {
  return joinBytes(units.flatMap((unit) => [Uint8Array.of(0, 0, 0, 1), unit]));
}

/** NAL units behind lengths of `size` bytes. */
export function lengthPrefixed(units: readonly Uint8Array[], size = 4): Uint8Array {
  return joinBytes(units.flatMap((unit) => [Uint8Array.from([0, 0, unit.length >> 8, unit.length & 0xff].slice(4 - size)), unit]));
}

/** An `avcC` with one SPS and one PPS. */
export function avcConfiguration(set: Uint8Array, pictureSet: Uint8Array, lengthSize = 4): Uint8Array {
  return Uint8Array.of(1, ...set.subarray(1, 4), 0xfc | (lengthSize - 1), 0xe1, 0, set.length, ...set, 1, 0, pictureSet.length, ...pictureSet);
}
