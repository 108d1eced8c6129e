import { u16, u32 } from '../byte-parts';
import { boxBytes, fourCC, fullBoxBytes, zeros } from './box-bytes';

/** A track of an init segment to be written. */
export interface InitTrack {
  /** 1 or more. */
  readonly id: number;
  /** Ticks a second of its times. */
  readonly timescale: number;
  /** A whole sample entry, as `sample-entry.ts` writes them. */
  readonly entry: Uint8Array;
  /** Sides of the picture, pixels; undefined for sound. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
}

/** What the init segments say of themselves: fragments count from their `moof`. */
const FTYP = boxBytes('ftyp', fourCC('iso6'), u32(0), fourCC('iso6'), fourCC('isom'), fourCC('mp41'));
/** Neither scaled nor turned. */
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].flatMap(u32);
/** Undetermined, as three letters of five bits. */
const LANGUAGE = 0x55c4;
const TRACK_ENABLED_IN_MOVIE = 3;

/**
 * A `ftyp` and a `moov` that says "live": tracks without samples or durations, ISO/IEC 14496-12 §8.2.
 * Of our own, since mp4box would make the player that every viewer loads three times as large.
 */
export function writeInit(tracks: readonly InitTrack[]): { readonly ftyp: Uint8Array; readonly moov: Uint8Array } {
  const nextId = Math.max(...tracks.map(({ id }) => id)) + 1;
  const mvhd = fullBoxBytes('mvhd', {}, zeros(8), u32(1000), u32(0), u32(0x10000), u16(0x100), zeros(10), MATRIX, zeros(24), u32(nextId));
  const mvex = boxBytes('mvex', ...tracks.map(({ id }) => fullBoxBytes('trex', {}, u32(id), u32(1), zeros(12))));
  return { ftyp: FTYP, moov: boxBytes('moov', mvhd, ...tracks.map(trak), mvex) };
}

function trak({ id, timescale, entry, size }: InitTrack): Uint8Array {
  const volume = size ? 0 : 0x100;
  const sides = [...u16(size?.width ?? 0), 0, 0, ...u16(size?.height ?? 0), 0, 0];
  const tkhd = fullBoxBytes('tkhd', { flags: TRACK_ENABLED_IN_MOVIE }, zeros(8), u32(id), zeros(16), u32(0), u16(volume), zeros(2), MATRIX, sides);
  const mdhd = fullBoxBytes('mdhd', {}, zeros(8), u32(timescale), u32(0), u16(LANGUAGE), zeros(2));
  const hdlr = fullBoxBytes('hdlr', {}, zeros(4), fourCC(size ? 'vide' : 'soun'), zeros(13));
  const header = size ? fullBoxBytes('vmhd', { flags: 1 }, zeros(8)) : fullBoxBytes('smhd', {}, zeros(4));
  const dinf = boxBytes('dinf', fullBoxBytes('dref', {}, u32(1), fullBoxBytes('url ', { flags: 1 })));
  const empty = (['stts', 'stsc', 'stco'] as const).map((type) => fullBoxBytes(type, {}, u32(0)));
  const stbl = boxBytes('stbl', fullBoxBytes('stsd', {}, u32(1), entry), ...empty, fullBoxBytes('stsz', {}, u32(0), u32(0)));
  return boxBytes('trak', tkhd, boxBytes('mdia', mdhd, hdlr, boxBytes('minf', header, dinf, stbl)));
}
