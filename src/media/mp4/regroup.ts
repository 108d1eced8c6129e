import { bridged, writeFragment, type Sample, type TrackSamples } from './fragment-writer';
import { leadingFragment, type MovieFragment, type TrackFragment } from './movie-fragment';
import { isTimeless, type Timeline } from './timeline';
import { isSync } from './track-run';

/** Parts of one fragment at most. A `moof` of a megabyte could ask for thirty thousand; further join points stay inside the last part. */
export const MAX_PARTS = 64;

/** The data of a fragment: `payload` of its `mdat`, which begins `start` bytes behind the beginning of `moof`. */
export interface FragmentData {
  readonly payload: Uint8Array;
  readonly start: number;
}

/**
 * Writes a fragment anew, in arrays of their own, in one part or, where sync samples lie inside, in several that each begin with one:
 * a newcomer can join at each. Of the other tracks, a part has the samples from its time on.
 */
export function regroup(fragment: MovieFragment, data: FragmentData, timeline: Timeline): Uint8Array[] {
  const lead = leadingFragment(fragment.fragments);
  const tracks = fragment.fragments.map((track) => ({ track, samples: samplesOf(track, data, timeline) }));
  const leadSamples = tracks.find(({ track }) => track === lead)?.samples ?? [];
  const cuts = lead?.track.kind === 'video' ? syncsInside(leadSamples).slice(0, MAX_PARTS - 1) : [];
  const cutTimes = cuts.map((index) => (leadSamples[index]?.time ?? 0) / (lead?.track.timescale ?? 1));
  const pieces = tracks.map(({ track, samples }) => ({
    track,
    pieces: cutSamples(samples, track === lead ? cuts : cutsByTime(samples, cutTimes, track.track.timescale)),
  }));
  const parts = Array.from({ length: cuts.length + 1 }, (_, part) =>
    pieces.map(({ track, pieces: all }) => trackSamples(track, all[part] ?? [], timeline)).filter(({ samples }) => samples.length > 0),
  );
  return parts.map((part) => writeFragment(fragment.sequence, part));
}

function samplesOf(fragment: TrackFragment, { payload, start }: FragmentData, timeline: Timeline): Sample[] {
  const samples: Sample[] = [];
  const { time, lastDuration } = timeline.place(fragment);
  const timeless = isTimeless(fragment);
  const last = fragment.runs.at(-1)?.run;
  let next = time;
  for (const { run, dataStart } of fragment.runs) {
    let at = dataStart - start;
    for (let i = 0; i < run.count; i++) {
      const duration = timeless || (run === last && i === run.count - 1) ? lastDuration : run.sampleDuration(i);
      const size = run.sampleSize(i);
      const data = [payload.subarray(at, at + size)];
      samples.push({ time: next, duration, flags: run.sampleFlags(i), compositionOffset: run.compositionOffset(i), data });
      next += duration;
      at += size;
    }
  }
  return samples;
}

/** Indices of sync samples behind samples that are none. In video that is all sync, one join point a fragment is enough. */
function syncsInside(samples: readonly Sample[]): number[] {
  return samples.flatMap((sample, i) => {
    const before = samples[i - 1];
    return before && !isSync(before.flags) && isSync(sample.flags) ? [i] : [];
  });
}

/** For each time (seconds, rising) the index of the first sample at it or behind. */
function cutsByTime(samples: readonly Sample[], times: readonly number[], timescale: number): number[] {
  let index = 0;
  return times.map((time) => {
    while (index < samples.length && (samples[index]?.time ?? 0) / timescale < time) index++;
    return index;
  });
}

function cutSamples(samples: readonly Sample[], cuts: readonly number[]): Sample[][] {
  return [0, ...cuts].map((from, i) => samples.slice(from, cuts[i] ?? samples.length));
}

function trackSamples(fragment: TrackFragment, samples: readonly Sample[], timeline: Timeline): TrackSamples {
  const { track, sampleDescription } = fragment;
  const content = { trackId: track.id, sampleDescription, version: runVersion(fragment), samples };
  return track.kind === 'video' && timeline.place(fragment).estimated ? bridged(content, track.timescale) : content;
}

/** Of the `trun` that holds all samples of a track: signed offsets if any run has them. */
function runVersion({ runs }: TrackFragment): number {
  return runs.some(({ run }) => run.version > 0) ? 1 : 0;
}
