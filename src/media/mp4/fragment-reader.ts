import { BoxType } from './box-header';
import { boxOffset, BoxScanner, malformedBox, MAX_CHILD_BOXES, type BoxRange } from './box-scanner';
import type { Mp4Init } from './init-segment';
import type { Mp4Track, SampleDefaults } from './mp4-track';
import { TrackRun } from './track-run';

/** Minutes of pictures or sound, where a live fragment has seconds. Bounds the work that a few bytes can ask for. */
export const MAX_SAMPLES = 1 << 14;

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
  /** Where its data counts from, in bytes from `moof`, if it states a place in the file. */
  readonly base: number | undefined;
}

/**
 * Goes over the track fragments of a `moof` (ISO/IEC 14496-12 §8.8.4) and their runs, in place: valid as long as the bytes are.
 * Every method throws MediaError `malformed-media`.
 */
export class FragmentReader {
  readonly #moof: BoxRange;
  readonly #init: Pick<Mp4Init, 'tracks' | 'dropped' | 'fileStart'>;
  readonly #boxes: BoxScanner;
  #runs: BoxScanner | undefined;
  #defaults = NO_DEFAULTS;
  #samples = 0;
  /** In the track fragments so far. */
  #inner = 0;
  /** Where the data of the track fragment counts from, and where that of a run without an offset begins. */
  #base = 0;
  #dataEnd = 0;
  #dataStart = 0;

  constructor(moof: BoxRange, init: Pick<Mp4Init, 'tracks' | 'dropped' | 'fileStart'>) {
    this.#moof = moof;
    this.#init = init;
    this.#boxes = new BoxScanner(moof);
  }

  /** The number in `mfhd`, §8.8.5, which is read before anything else. */
  sequence(): number {
    const boxes = this.#boxes;
    const first = boxes.start;
    if (!boxes.find(BoxType.mfhd)) throw malformedBox(this.#moof, 'Box "moof" has no "mfhd"');
    const sequence = boxes.u32(4);
    boxes.backTo(first);
    return sequence;
  }

  /** The next `traf`, or nothing. */
  nextTrack(): TrackHeader | undefined {
    if (!this.#boxes.find(BoxType.traf)) return undefined;
    const boxes = new BoxScanner(this.#boxes);
    const header = this.#readHeader(boxes);
    this.#runs = boxes;
    this.#defaults = header.defaults;
    // Without default-base-is-moof, data of a later track fragment counts from the end of the one before, §8.8.7.1.
    this.#base = header.base ?? (header.chained ? this.#dataEnd : 0);
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

  /** How many boxes and samples it has come to. */
  get boxes(): number {
    return this.#boxes.count + this.#inner;
  }

  get samples(): number {
    return this.#samples;
  }

  /** Where the data of that run begins and ends, in bytes from the beginning of `moof`. */
  get dataStart(): number {
    return this.#dataStart;
  }

  get dataEnd(): number {
    return this.#dataEnd;
  }

  /** Reads `tfhd` and `tfdt`, wherever among the runs they stand, and goes back to before the first run. */
  #readHeader(boxes: BoxScanner): TrackHeader {
    const traf = this.#boxes;
    let header: TrackFragmentHeader | undefined;
    let time: number | undefined;
    let narrowTime = false;
    let firstRun: number | undefined;
    while (boxes.next()) {
      if (boxes.type === BoxType.trun) firstRun ??= boxes.start;
      else if (boxes.type === BoxType.tfhd) header ??= readTfhd(boxes);
      else if (boxes.type === BoxType.tfdt && time === undefined) {
        // §8.8.12.
        narrowTime = boxes.u32(0) >>> 24 !== 1;
        time = narrowTime ? boxes.u32(4) : boxes.u64(4);
      }
    }
    this.#inner += boxes.count;
    if (this.#inner > MAX_CHILD_BOXES) throw malformedBox(this.#moof, `The track fragments have more than ${MAX_CHILD_BOXES} boxes`);
    if (!header) throw malformedBox(traf, 'A track fragment has no "tfhd"');
    if (firstRun !== undefined) boxes.backTo(firstRun);
    const { trackId, sampleDescription, duration } = header;
    const { tracks, dropped } = this.#init;
    const track = tracks.get(trackId);
    if (!track && !dropped.has(trackId)) throw malformedBox(traf, `A fragment of track ${trackId}, which moov doesn't have`);
    const usual = track?.defaults ?? dropped.get(trackId) ?? NO_DEFAULTS;
    const defaults = { duration: duration ?? usual.duration, size: header.size ?? usual.size, flags: header.flags ?? usual.flags };
    const base = header.dataOffset === undefined ? undefined : this.#init.fileStart + header.dataOffset - boxOffset(this.#moof);
    const chained = base === undefined && !header.baseIsMoof && this.#dataEnd !== 0;
    return { track, offset: boxOffset(traf), sampleDescription, defaultDuration: duration, defaults, time, narrowTime, chained, base };
  }
}

/** A `tfhd`; what it doesn't state is undefined. */
interface TrackFragmentHeader {
  readonly trackId: number;
  readonly baseIsMoof: boolean;
  /** Where its data counts from, in bytes from the beginning of the file. */
  readonly dataOffset: number | undefined;
  readonly sampleDescription: number | undefined;
  readonly duration: number | undefined;
  readonly size: number | undefined;
  readonly flags: number | undefined;
}

/** §8.8.7. The optional fields stand in the order of their flags' values. */
function readTfhd(tfhd: BoxScanner): TrackFragmentHeader {
  const stated = tfhd.u32(0);
  const trackId = tfhd.u32(4);
  const baseIsMoof = (stated & TFHD.defaultBaseIsMoof) !== 0;
  let at = 8;
  const dataOffset = stated & TFHD.baseDataOffset ? tfhd.u64(at) : undefined;
  if (stated & TFHD.baseDataOffset) at += 8;
  const sampleDescription = stated & TFHD.sampleDescription ? tfhd.u32(at) : undefined;
  if (stated & TFHD.sampleDescription) at += 4;
  const duration = stated & TFHD.duration ? tfhd.u32(at) : undefined;
  if (stated & TFHD.duration) at += 4;
  const size = stated & TFHD.size ? tfhd.u32(at) : undefined;
  if (stated & TFHD.size) at += 4;
  const flags = stated & TFHD.flags ? tfhd.u32(at) : undefined;
  return { trackId, baseIsMoof, dataOffset, sampleDescription, duration, size, flags };
}
