import type { ByteReader } from '../byte-reader';
import { MediaError } from '../media-error';
import type { Box } from './box';
import type { SampleDefaults } from './mp4-track';

/** Flags of `trun`, ISO/IEC 14496-12 §8.8.8. */
export const TRUN = { dataOffset: 0x1, firstFlags: 0x4, durations: 0x100, sizes: 0x200, flags: 0x400, compositionOffsets: 0x800 } as const;

const NON_SYNC = 0x10000;
const DEPENDS_ON_OTHERS = 1;
const DEPENDS_ON_NONE = 2;

/** The flags that Sluice writes for a sample that can be decoded by itself, and for one that can't. */
export const SYNC_SAMPLE = DEPENDS_ON_NONE << 24;
export const NON_SYNC_SAMPLE = (DEPENDS_ON_OTHERS << 24) | NON_SYNC;

/**
 * Whether a decoder can start at a sample with these flags, §8.8.3.1.
 * `sample_depends_on` decides if it is stated, as in Chromium; else `sample_is_non_sync_sample`.
 */
export function isSync(sampleFlags: number): boolean {
  const dependsOn = (sampleFlags >>> 24) & 3;
  if (dependsOn === DEPENDS_ON_NONE) return true;
  return dependsOn !== DEPENDS_ON_OTHERS && (sampleFlags & NON_SYNC) === 0;
}

/** A `trun`: samples whose data lies in one piece. Its table is read in place; nothing is allocated per sample. */
export class TrackRun {
  readonly count: number;
  readonly version: number;
  /** As stated, from the base of the track fragment; absent if the run follows the one before. */
  readonly dataOffset: number | undefined;
  /** Sums over all samples: bytes, and ticks. */
  readonly size: number;
  readonly duration: number;
  readonly #defaults: SampleDefaults;
  readonly #flags: number;
  readonly #firstFlags: number | undefined;
  readonly #table: DataView;
  readonly #stride: number;

  /** Reads a `trun` of at most `maxCount` samples. */
  constructor(trun: Box, defaults: SampleDefaults, maxCount: number) {
    const { version, flags, reader } = trun.fullBox();
    this.version = version;
    this.#flags = flags;
    this.#defaults = defaults;
    this.count = reader.u32();
    if (this.count > maxCount) throw tooMany(trun);
    this.dataOffset = flags & TRUN.dataOffset ? reader.i32() : undefined;
    this.#firstFlags = flags & TRUN.firstFlags ? reader.u32() : undefined;
    this.#stride = 4 * [TRUN.durations, TRUN.sizes, TRUN.flags, TRUN.compositionOffsets].filter((flag) => flags & flag).length;
    // Otherwise a few bytes would ask for the work of very many samples: those here have a field each, or data.
    if (this.count > 1 && this.#stride === 0 && defaults.size === 0) throw trun.malformed(`${this.count} samples without a byte`);
    this.#table = tableOf(reader, this.count * this.#stride);
    this.size = this.#sum(TRUN.sizes, (i) => this.sampleSize(i), defaults.size);
    this.duration = this.#sum(TRUN.durations, (i) => this.sampleDuration(i), defaults.duration);
  }

  /** Ticks; 0 if not stated. */
  sampleDuration(index: number): number {
    return this.#field(index, TRUN.durations) ?? this.#defaults.duration;
  }

  sampleSize(index: number): number {
    return this.#field(index, TRUN.sizes) ?? this.#defaults.size;
  }

  sampleFlags(index: number): number {
    if (index === 0 && this.#firstFlags !== undefined) return this.#firstFlags;
    return this.#field(index, TRUN.flags) ?? this.#defaults.flags;
  }

  /** The 32 bits as they are: signed in version 1. */
  compositionOffset(index: number): number {
    return this.#field(index, TRUN.compositionOffsets) ?? 0;
  }

  /** The fields of a sample stand in the order of their flags' values. */
  #field(index: number, flag: number): number | undefined {
    if (!(this.#flags & flag)) return undefined;
    let at = index * this.#stride;
    for (let before = TRUN.durations as number; before < flag; before <<= 1) if (this.#flags & before) at += 4;
    return this.#table.getUint32(at);
  }

  #sum(flag: number, value: (index: number) => number, otherwise: number): number {
    if (!(this.#flags & flag)) return this.count * otherwise;
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += value(i);
    return sum;
  }
}

function tooMany(trun: Box): MediaError {
  return new MediaError('chunk-too-large', 'Too many samples in one fragment', { offset: trun.offset, path: trun.path });
}

function tableOf(reader: ByteReader, size: number): DataView {
  const table = reader.bytes(size);
  return new DataView(table.buffer, table.byteOffset, table.byteLength);
}
