import { MediaError } from '../media-error';
import { boxOffset, boxPath, type BoxRange } from './box-scanner';
import { FragmentReader, type TrackHeader } from './fragment-reader';
import type { Mp4Init } from './init-segment';
import type { Mp4Track } from './mp4-track';
import { isSync, type TrackRun } from './track-run';

/** What is to be known of a `traf` with samples, of a track that is passed on. Numbers only: it outlives the bytes it was read from. */
export interface TrackFragment {
  readonly track: Mp4Track;
  /** Of the `traf` in the publisher's stream. */
  readonly offset: number;
  /** Decode time of the first sample, ticks, as stated; absent without `tfdt`. */
  readonly time: number | undefined;
  /** Whether that time has 32 bits, and so begins anew after 2^32 ticks. */
  readonly narrowTime: boolean;
  readonly sampleCount: number;
  /** Sum of what its samples are said to last, ticks, and what the last is; 0 if it isn't said. */
  readonly statedDuration: number;
  readonly lastDuration: number;
  /** Whether its first sample can be decoded by itself. */
  readonly beginsWithSync: boolean;
  /** Whether in video a sync sample follows one that is none: a newcomer could join there. */
  readonly hasSyncInside: boolean;
  /** How long its one sample probably lasts, ticks, where a Sluice wrote it and says so: see `TrackSamples` of the writer. */
  readonly guess: number | undefined;
  /** How long its last packet says that it lasts, ticks, where that is more than is stated: see `opus-durations.ts`. */
  readonly lastPacket: number | undefined;
  /** The first and the last byte of its data, from the beginning of `moof`, and how many there are. */
  readonly dataStart: number;
  readonly dataEnd: number;
  readonly dataSize: number;
  /** Where the data of its last sample is, from the beginning of `moof`. */
  readonly lastSampleStart: number;
  readonly lastSampleEnd: number;
}

/** A `moof`, read. */
export interface MovieFragment {
  readonly sequence: number;
  readonly fragments: readonly TrackFragment[];
  /** How many boxes and samples it has, those of tracks that aren't passed on among them. */
  readonly boxes: number;
  readonly samples: number;
  /** Whether Media Source Extensions take it as it is: all tracks passed on, each with `tfdt` and an offset from `moof`. */
  readonly portable: boolean;
}

/**
 * Reads a `moof`, ISO/IEC 14496-12 §8.8.4.
 * @throws MediaError `malformed-media`, or `unsupported-layout` if it holds a track twice.
 */
export function readMovieFragment(moof: BoxRange, init: Mp4Init): MovieFragment {
  const reader = new FragmentReader(moof, init);
  const sequence = reader.sequence();
  const fragments: TrackFragment[] = [];
  let portable = true;
  for (let header = reader.nextTrack(); header; header = reader.nextTrack()) {
    const fragment = summarise(header, reader);
    if (!fragment || header.time === undefined || header.chained || header.base !== undefined) portable = false;
    if (!fragment) continue;
    // At most one for each track, of which there are few.
    if (fragments.some(({ track }) => track === fragment.track)) throw repeatedTrack(moof);
    fragments.push(fragment);
  }
  return { sequence, fragments, boxes: reader.boxes, samples: reader.samples, portable };
}

/** Nothing if there are no samples, or if the track isn't passed on. Its runs are read in any case: later data may count from theirs. */
function summarise({ track, offset, time, narrowTime, defaultDuration }: TrackHeader, reader: FragmentReader): TrackFragment | undefined {
  const isVideo = track?.kind === 'video';
  let runs = 0;
  let sampleCount = 0;
  let statedDuration = 0;
  let beginsWithSync = false;
  let hasSyncInside = false;
  let allSync = true;
  let dataStart = Infinity;
  let dataEnd = 0;
  let dataSize = 0;
  let last: TrackRun | undefined;
  let lastSampleEnd = 0;
  for (let run = reader.nextRun(); run; run = reader.nextRun()) {
    if (run.count === 0) continue;
    if (runs++ === 0) beginsWithSync = isSync(run.sampleFlags(0));
    for (let i = 0; isVideo && i < run.count; i++) {
      const sync = isSync(run.sampleFlags(i));
      hasSyncInside ||= sync && !allSync;
      allSync &&= sync;
    }
    sampleCount += run.count;
    statedDuration += run.duration;
    dataStart = Math.min(dataStart, reader.dataStart);
    dataEnd = Math.max(dataEnd, reader.dataEnd);
    dataSize += reader.dataEnd - reader.dataStart;
    last = run;
    lastSampleEnd = reader.dataEnd;
  }
  if (!track || !last) return undefined;
  const lastDuration = last.sampleDuration(last.count - 1);
  const lastSampleStart = lastSampleEnd - last.sampleSize(last.count - 1);
  // A default that the only sample overrides is of no use to anybody else.
  const isGuess = sampleCount === 1 && defaultDuration !== undefined && defaultDuration > 0 && defaultDuration < lastDuration;
  const guess = isGuess ? defaultDuration : undefined;
  return {
    track, offset, time, narrowTime, sampleCount, statedDuration, lastDuration, beginsWithSync, hasSyncInside, guess,
    lastPacket: undefined, dataStart, dataEnd, dataSize, lastSampleStart, lastSampleEnd,
  };
}

function repeatedTrack(moof: BoxRange): MediaError {
  const message = 'A moof holds the same track twice: let the muxer write one "traf" for each track';
  return new MediaError('unsupported-layout', message, { offset: boxOffset(moof), path: boxPath(moof) });
}

/** `moof` and `mdat` of a fragment, joined. */
export interface FragmentData {
  readonly bytes: Uint8Array;
  /** What is to be added to a place counted from `moof` in the publisher's stream: less than 0 where something lay between the two. */
  readonly shift: number;
}
