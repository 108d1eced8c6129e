import { u32At } from '../big-endian';
import { MediaError } from '../media-error';
import { boxOffset, boxPath, malformedBox, type BoxRange, type BoxScanner } from './box-scanner';
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

/** Where a field stands in the entry of a sample, or that entries don't have it. */
const ABSENT = -1;

/**
 * A `trun`: samples whose data lies in one piece. Its table is read in place, in the bytes that the `trun` was found in; nothing
 * is allocated per sample.
 */
export class TrackRun {
  readonly count: number;
  readonly version: number;
  /** As stated, from the base of the track fragment; absent if the run follows the one before. */
  readonly dataOffset: number | undefined;
  readonly #bytes: Uint8Array;
  readonly #defaults: SampleDefaults;
  readonly #firstFlags: number | undefined;
  /** Of the entry of the first sample, and bytes of each. */
  readonly #table: number;
  readonly #stride: number;
  /** The fields of an entry, each with its place in it. */
  readonly #durationAt: number;
  readonly #sizeAt: number;
  readonly #flagsAt: number;
  readonly #compositionAt: number;

  /** Reads a `trun` of at most `maxCount` samples. @throws MediaError `malformed-media` or `chunk-too-large`. */
  constructor(trun: BoxScanner, defaults: SampleDefaults, maxCount: number) {
    const versionAndFlags = trun.u32(0);
    const flags = versionAndFlags & 0xffffff;
    this.version = versionAndFlags >>> 24;
    this.count = trun.u32(4);
    if (this.count > maxCount) throw tooMany(trun);
    let at = 8;
    this.dataOffset = flags & TRUN.dataOffset ? trun.i32(at) : undefined;
    if (flags & TRUN.dataOffset) at += 4;
    this.#firstFlags = flags & TRUN.firstFlags ? trun.u32(at) : undefined;
    if (flags & TRUN.firstFlags) at += 4;
    // The fields of a sample stand in the order of their flags' values.
    let stride = 0;
    this.#durationAt = flags & TRUN.durations ? stride : ABSENT;
    if (flags & TRUN.durations) stride += 4;
    this.#sizeAt = flags & TRUN.sizes ? stride : ABSENT;
    if (flags & TRUN.sizes) stride += 4;
    this.#flagsAt = flags & TRUN.flags ? stride : ABSENT;
    if (flags & TRUN.flags) stride += 4;
    this.#compositionAt = flags & TRUN.compositionOffsets ? stride : ABSENT;
    if (flags & TRUN.compositionOffsets) stride += 4;
    // Otherwise a few bytes would ask for the work of very many samples: those here have a field each, or data.
    if (this.count > 1 && stride === 0 && defaults.size === 0) throw malformedBox(trun, `${this.count} samples without a byte`);
    this.#bytes = trun.source.bytes;
    this.#defaults = defaults;
    this.#stride = stride;
    this.#table = trun.table(at, this.count * stride);
  }

  /** Bytes of all samples. */
  get size(): number {
    return this.#sum(this.#sizeAt, this.#defaults.size);
  }

  /** Ticks of all samples, as far as they are stated. */
  get duration(): number {
    return this.#sum(this.#durationAt, this.#defaults.duration);
  }

  /** Ticks; 0 if not stated. */
  sampleDuration(index: number): number {
    return this.#field(index, this.#durationAt, this.#defaults.duration);
  }

  sampleSize(index: number): number {
    return this.#field(index, this.#sizeAt, this.#defaults.size);
  }

  sampleFlags(index: number): number {
    if (index === 0 && this.#firstFlags !== undefined) return this.#firstFlags;
    return this.#field(index, this.#flagsAt, this.#defaults.flags);
  }

  /** The 32 bits as they are: signed in version 1. */
  compositionOffset(index: number): number {
    return this.#field(index, this.#compositionAt, 0);
  }

  #field(index: number, place: number, otherwise: number): number {
    return place === ABSENT ? otherwise : u32At(this.#bytes, this.#table + index * this.#stride + place);
  }

  #sum(place: number, otherwise: number): number {
    if (place === ABSENT) return this.count * otherwise;
    const end = this.#table + this.count * this.#stride;
    let sum = 0;
    for (let at = this.#table + place; at < end; at += this.#stride) sum += u32At(this.#bytes, at);
    return sum;
  }
}

function tooMany(trun: BoxRange): MediaError {
  return new MediaError('chunk-too-large', 'Too many samples in one fragment', { offset: boxOffset(trun), path: boxPath(trun) });
}
