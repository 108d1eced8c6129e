import { MediaError } from '../media-error';
import type { Box } from './box';
import type { Mp4Init } from './init-segment';
import type { Mp4Track, SampleDefaults } from './mp4-track';
import { isSync, TrackRun } from './track-run';

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

/** A run, and where its data begins, in bytes from the beginning of `moof`. */
export interface PlacedRun {
  readonly run: TrackRun;
  readonly dataStart: number;
}

/** A `traf` with samples, of a track that is passed on. */
export interface TrackFragment {
  readonly track: Mp4Track;
  readonly box: Box;
  /** Decode time of the first sample, ticks, as stated; absent without `tfdt`. */
  readonly time: number | undefined;
  /** Whether that time has 32 bits, and so begins anew after 2^32 ticks. */
  readonly narrowTime: boolean;
  readonly sampleDescription: number | undefined;
  readonly runs: readonly PlacedRun[];
  /** How long its one sample probably lasts, ticks, where a Sluice wrote it and says so: see `TrackSamples` of the writer. */
  readonly guess: number | undefined;
  /** How long its last packet says that it lasts, ticks, where that is more than is stated: see `opus-durations.ts`. */
  readonly lastPacket?: number;
}

/** A `moof`, read. */
export interface MovieFragment {
  readonly box: Box;
  readonly sequence: number;
  readonly fragments: readonly TrackFragment[];
  /** Whether Media Source Extensions take it as it is: all tracks passed on, each with `tfdt` and an offset from `moof`. */
  readonly portable: boolean;
}

/**
 * Reads a `moof`, §8.8.4.
 * @throws MediaError `malformed-media`, or `unsupported-layout` if data is addressed from the beginning of the file.
 */
export function readMovieFragment(moof: Box, { tracks, dropped }: Mp4Init): MovieFragment {
  const children = moof.children();
  const mfhd = children.find((box) => box.type === 'mfhd');
  if (!mfhd) throw moof.malformed('Box "moof" has no "mfhd"');
  const sequence = mfhd.fullBox().reader.u32();
  const fragments: TrackFragment[] = [];
  let portable = true;
  let dataEnd = 0;
  let samples = 0;
  for (const traf of children) {
    if (traf.type !== 'traf') continue;
    const boxes = traf.children();
    const header = readHeader(boxes, traf);
    const track = tracks.get(header.trackId);
    if (!track && !dropped.has(header.trackId)) throw traf.malformed(`A fragment of track ${header.trackId}, which moov doesn't have`);
    const defaults = { ...(track?.defaults ?? dropped.get(header.trackId) ?? NO_DEFAULTS), ...header.defaults };
    // Without default-base-is-moof, data of a later track fragment counts from the end of the one before, §8.8.7.1.
    const base = header.baseIsMoof ? 0 : dataEnd;
    if (base !== 0) portable = false;
    let runStart = base;
    const runs: PlacedRun[] = [];
    for (const trun of boxes) {
      if (trun.type !== 'trun') continue;
      const run = new TrackRun(trun, defaults, MAX_SAMPLES - samples);
      samples += run.count;
      const dataStart = run.dataOffset === undefined ? runStart : base + run.dataOffset;
      runStart = dataStart + run.size;
      if (run.count > 0) runs.push({ run, dataStart });
    }
    dataEnd = runStart;
    const { time, narrowTime } = readTime(boxes);
    if (!track || runs.length === 0 || time === undefined) portable = false;
    if (track && runs.length > 0) {
      fragments.push({ track, box: traf, time, narrowTime, sampleDescription: header.sampleDescription, runs, guess: guessOf(runs, header.defaults.duration) });
    }
  }
  refuseRepeats(moof, fragments);
  return { box: moof, sequence, fragments, portable };
}

/** A default that the only sample overrides is of no use to anybody else. */
function guessOf(runs: readonly PlacedRun[], stated: number | undefined): number | undefined {
  const only = runs.length === 1 ? runs[0]?.run : undefined;
  return only?.count === 1 && stated !== undefined && stated > 0 && stated < only.duration ? stated : undefined;
}

const NO_DEFAULTS: SampleDefaults = { duration: 0, size: 0, flags: 0 };

interface TrackFragmentHeader {
  readonly trackId: number;
  readonly baseIsMoof: boolean;
  readonly sampleDescription: number | undefined;
  readonly defaults: Partial<SampleDefaults>;
}

/** §8.8.7. */
function readHeader(boxes: readonly Box[], traf: Box): TrackFragmentHeader {
  const tfhd = boxes.find((box) => box.type === 'tfhd');
  if (!tfhd) throw traf.malformed('A track fragment has no "tfhd"');
  const { flags, reader } = tfhd.fullBox();
  if (flags & TFHD.baseDataOffset) {
    const message = 'Fragments count from the beginning of the file: add "+default_base_moof" to -movflags';
    throw new MediaError('unsupported-layout', message, { offset: tfhd.offset, path: tfhd.path });
  }
  const trackId = reader.u32();
  const sampleDescription = flags & TFHD.sampleDescription ? reader.u32() : undefined;
  const defaults: Partial<SampleDefaults> = {
    ...(flags & TFHD.duration ? { duration: reader.u32() } : {}),
    ...(flags & TFHD.size ? { size: reader.u32() } : {}),
    ...(flags & TFHD.flags ? { flags: reader.u32() } : {}),
  };
  return { trackId, baseIsMoof: (flags & TFHD.defaultBaseIsMoof) !== 0, sampleDescription, defaults };
}

/** §8.8.12. */
function readTime(boxes: readonly Box[]): Pick<TrackFragment, 'time' | 'narrowTime'> {
  const tfdt = boxes.find((box) => box.type === 'tfdt');
  if (!tfdt) return { time: undefined, narrowTime: false };
  const { version, reader } = tfdt.fullBox();
  return version === 1 ? { time: reader.u64(), narrowTime: false } : { time: reader.u32(), narrowTime: true };
}

/** One `traf` a track is all that known muxers write. */
function refuseRepeats(moof: Box, fragments: readonly TrackFragment[]): void {
  const ids = new Set(fragments.map(({ track }) => track.id));
  if (ids.size === fragments.length) return;
  const message = 'A moof holds the same track twice: let the muxer write one "traf" for each track';
  throw new MediaError('unsupported-layout', message, { offset: moof.offset, path: moof.path });
}

/** The fragment that decides on a chunk's times and on whether it can be joined: video if there is some. */
export function leadingFragment(fragments: readonly TrackFragment[]): TrackFragment | undefined {
  return fragments.find(({ track }) => track.kind === 'video') ?? fragments[0];
}

/** Whether the first sample can be decoded by itself. */
export function beginsWithSync({ runs }: TrackFragment): boolean {
  const first = runs[0];
  return first !== undefined && isSync(first.run.sampleFlags(0));
}

/** Whether a sync sample follows one that is none: a newcomer could join there. */
export function hasSyncInside({ track, runs }: TrackFragment): boolean {
  if (track.kind !== 'video') return false;
  let before = true;
  for (const { run } of runs) {
    for (let i = 0; i < run.count; i++) {
      const sync = isSync(run.sampleFlags(i));
      if (sync && !before) return true;
      before = sync;
    }
  }
  return false;
}
