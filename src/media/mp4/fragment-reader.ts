import { MediaError } from '../media-error';
import { BoxType } from './box-header';
import { boxOffset, boxPath, BoxScanner, malformedBox, type BoxRange } from './box-scanner';
import type { Mp4Init } from './init-segment';
import type { Mp4Track, SampleDefaults } from './mp4-track';
import { TrackRun } from './track-run';

/** More samples than any chunk within the default limits holds; bounds the work that a few bytes can ask for. */
const MAX_SAMPLES = 1 << 16;

/** Flags of `tfhd`, ISO/IEC 14496-12 §8.8.7. */
export const TFHD = {
  baseDataOffset: 0x1,
  sampleDescription: 0x2,
  duration: 0x8,
  size: 0x10,
  flags: 0x20,
  defaultBaseIsMoof: 0x20000,
} as const;

const NO_DEFAULTS: SampleDefaults = { duration: 0, size: 0, flags: 0 };

/** A `traf`, but for its runs. */
export interface TrackHeader {
  /** Undefined if the track isn't passed on. */
  readonly track: Mp4Track | undefined;
  /** Of the `traf` in the publisher's stream. */
  readonly offset: number;
  readonly sampleDescription: number | undefined;
  /** The duration that it states for samples that state none themselves, before that of `trex`. */
  readonly defaultDuration: number | undefined;
  readonly defaults: SampleDefaults;
  /** Decode time of the first sample, ticks, as stated; absent without `tfdt`. */
  readonly time: number | undefined;
  /** Whether that time has 32 bits, and so begins anew after 2^32 ticks. */
  readonly narrowTime: boolean;
  /** Whether its data counts from the end of that of the `traf` before, and not from `moof`. */
  readonly chained: boolean;
}

/**
 * Goes over the track fragments of a `moof` (ISO/IEC 14496-12 §8.8.4) and their runs, in place: valid as long as the bytes are.
 * Every method throws MediaError `malformed-media`, or `unsupported-layout` if data is addressed from the beginning of the file.
 */
export class FragmentReader {
  readonly #moof: BoxRange;
  readonly #init: Mp4Init;
  readonly #boxes: BoxScanner;
  #runs: BoxScanner | undefined;
  #defaults = NO_DEFAULTS;
  #samples = 0;
  /** Where the data of the track fragment counts from, and where that of a run without an offset begins. */
  #base = 0;
  #dataEnd = 0;
  #dataStart = 0;

  constructor(moof: BoxRange, init: Mp4Init) {
    this.#moof = moof;
    this.#init = init;
    this.#boxes = new BoxScanner(moof);
  }

  /** The number in `mfhd`, §8.8.5, which is read before anything else. */
  sequence(): number {
    const boxes = this.#boxes;
    if (!boxes.find(BoxType.mfhd)) throw malformedBox(this.#moof, 'Box "moof" has no "mfhd"');
    const sequence = boxes.u32(4);
    boxes.rewind();
    return sequence;
  }

  /** The next `traf`, or nothing. */
  nextTrack(): TrackHeader | undefined {
    if (!this.#boxes.find(BoxType.traf)) return undefined;
    const boxes = new BoxScanner(this.#boxes);
    const header = this.#readHeader(boxes);
    boxes.rewind();
    this.#runs = boxes;
    this.#defaults = header.defaults;
    // Without default-base-is-moof, data of a later track fragment counts from the end of the one before, §8.8.7.1.
    this.#base = header.chained ? this.#dataEnd : 0;
    this.#dataEnd = this.#base;
    return header;
  }

  /** The next run of that `traf`, or nothing. */
  nextRun(): TrackRun | undefined {
    const boxes = this.#runs;
    if (!boxes?.find(BoxType.trun)) return undefined;
    const run = new TrackRun(boxes, this.#defaults, MAX_SAMPLES - this.#samples);
    this.#samples += run.count;
    this.#dataStart = run.dataOffset === undefined ? this.#dataEnd : this.#base + run.dataOffset;
    this.#dataEnd = this.#dataStart + run.size;
    return run;
  }

  /** Where the data of that run begins and ends, in bytes from the beginning of `moof`. */
  get dataStart(): number {
    return this.#dataStart;
  }

  get dataEnd(): number {
    return this.#dataEnd;
  }

  /** §8.8.7. */
  #readHeader(boxes: BoxScanner): TrackHeader {
    const traf = this.#boxes;
    if (!boxes.find(BoxType.tfhd)) throw malformedBox(traf, 'A track fragment has no "tfhd"');
    const flags = boxes.u32(0);
    if (flags & TFHD.baseDataOffset) throw absoluteOffsets(boxes);
    const id = boxes.u32(4);
    const track = this.#init.tracks.get(id);
    const dropped = this.#init.dropped;
    if (!track && !dropped.has(id)) throw malformedBox(traf, `A fragment of track ${id}, which moov doesn't have`);
    const otherwise = track?.defaults ?? dropped.get(id) ?? NO_DEFAULTS;
    let at = 8;
    const optional = (flag: number): number | undefined => {
      if (!(flags & flag)) return undefined;
      at += 4;
      return boxes.u32(at - 4);
    };
    const sampleDescription = optional(TFHD.sampleDescription);
    const defaultDuration = optional(TFHD.duration);
    const size = optional(TFHD.size) ?? otherwise.size;
    const defaults = { duration: defaultDuration ?? otherwise.duration, size, flags: optional(TFHD.flags) ?? otherwise.flags };
    const chained = (flags & TFHD.defaultBaseIsMoof) === 0 && this.#dataEnd !== 0;
    const offset = boxOffset(traf);
    boxes.rewind();
    if (!boxes.find(BoxType.tfdt)) {
      return { track, offset, sampleDescription, defaultDuration, defaults, time: undefined, narrowTime: false, chained };
    }
    // §8.8.12.
    const narrowTime = boxes.u32(0) >>> 24 !== 1;
    const time = narrowTime ? boxes.u32(4) : boxes.u64(4);
    return { track, offset, sampleDescription, defaultDuration, defaults, time, narrowTime, chained };
  }
}

function absoluteOffsets(tfhd: BoxRange): MediaError {
  const message = 'Fragments count from the beginning of the file: add "+default_base_moof" to -movflags';
  return new MediaError('unsupported-layout', message, { offset: boxOffset(tfhd), path: boxPath(tfhd) });
}
