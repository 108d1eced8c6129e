import type { MediaBytes } from '../chunk';
import type { BoxRange } from './box-scanner';
import { FragmentReader } from './fragment-reader';
import { bridged, writeFragment, type Sample, type TrackSamples } from './fragment-writer';
import type { ShapeChange } from './in-band-sets';
import type { Mp4Init } from './init-segment';
import type { FragmentData } from './movie-fragment';
import type { PictureFindings } from './picture-scan';
import { isTimeless, leadingOf, type Placement } from './timeline';
import { isSync, NON_SYNC_SAMPLE, SYNC_SAMPLE } from './track-run';

/** Parts of one fragment at most. A `moof` of a megabyte could ask for thirty thousand; further join points stay inside the last part. */
const MAX_PARTS = 64;

/** A fragment that is to be written anew. */
export interface Regrouping extends FragmentData {
  /** In `bytes`. */
  readonly moof: BoxRange;
  readonly init: Mp4Init;
  /** Where its tracks lie. */
  readonly placements: readonly Placement[];
  /** What was found in its samples of video. */
  readonly findings: PictureFindings | undefined;
}

/** A part of a fragment, and the index of the sample that it begins with, of the track that is split. */
export interface Part {
  readonly bytes: MediaBytes;
  readonly from: number;
}

/** All samples of a track. */
interface TrackContent {
  readonly placement: Placement;
  readonly samples: readonly Sample[];
  /** Of the `trun` that holds them: signed offsets if any run has them. */
  readonly version: number;
  readonly sampleDescription: number | undefined;
}

/**
 * Writes a fragment anew, in arrays of their own, in one part or, where sync samples lie inside, in several that each begin with one:
 * a newcomer can join at each. Of the other tracks, a part has the samples from its time on.
 */
export function regroup(regrouping: Regrouping): Part[] {
  const { sequence, contents } = readContents(regrouping);
  const lead = leadingOf(regrouping.placements);
  const leadTrack = lead?.fragment.track;
  const leadSamples = contents.find(({ placement }) => placement === lead)?.samples ?? [];
  const cuts = leadTrack?.kind === 'video' ? cutsOf(leadSamples, regrouping.findings?.changes ?? []) : [];
  const cutTimes = cuts.map((index) => (leadSamples[index]?.time ?? 0) / (leadTrack?.timescale ?? 1));
  const pieces = contents.map((content) => {
    const { placement, samples } = content;
    const own = placement === lead ? cuts : cutsByTime(samples, cutTimes, placement.fragment.track.timescale);
    return { content, pieces: cutSamples(samples, own) };
  });
  const parts = Array.from({ length: cuts.length + 1 }, (_, part) =>
    pieces.map(({ content, pieces: all }) => trackSamples(content, all[part] ?? [])).filter(({ samples }) => samples.length > 0),
  );
  return parts.map((part, index) => ({ bytes: writeFragment(sequence, part), from: index === 0 ? 0 : (cuts[index - 1] ?? 0) }));
}

/** Before which samples a fragment is split, rising: where the picture has another shape, and where a newcomer could join. */
function cutsOf(samples: readonly Sample[], changes: readonly ShapeChange[]): number[] {
  const needed = changes.flatMap(({ at }) => (at > 0 ? [at] : []));
  const wanted = syncsInside(samples).filter((index) => !needed.includes(index));
  return [...needed, ...wanted.slice(0, MAX_PARTS - 1 - needed.length)].sort((one, other) => one - other);
}

function readContents(regrouping: Regrouping): { sequence: number; contents: TrackContent[] } {
  const reader = new FragmentReader(regrouping.moof, regrouping.init);
  const sequence = reader.sequence();
  const contents: TrackContent[] = [];
  for (let header = reader.nextTrack(); header; header = reader.nextTrack()) {
    const { track, sampleDescription } = header;
    const placement = regrouping.placements.find(({ fragment }) => fragment.track === track);
    const { samples, version } = readSamples(reader, regrouping, placement);
    if (placement && samples.length > 0) contents.push({ placement, samples, version, sampleDescription });
  }
  return { sequence, contents };
}

/** The samples of the `traf` that the reader has come to; none if its track isn't passed on. */
function readSamples(reader: FragmentReader, { bytes, shift, findings }: Regrouping, placement: Placement | undefined): { samples: Sample[]; version: number } {
  const samples: Sample[] = [];
  let version = 0;
  let time = placement?.time ?? 0;
  for (let run = reader.nextRun(); run; run = reader.nextRun()) {
    if (!placement) continue;
    if (run.count > 0) version = Math.max(version, Math.min(run.version, 1));
    const { fragment, lastDuration } = placement;
    const corrections = fragment.track.kind === 'video' ? findings?.corrections : undefined;
    let at = shift + reader.dataStart;
    for (let i = 0; i < run.count; i++) {
      const isGuessed = isTimeless(fragment) || samples.length === fragment.sampleCount - 1;
      const duration = isGuessed ? lastDuration : run.sampleDuration(i);
      const size = run.sampleSize(i);
      const flags = correctFlags(run.sampleFlags(i), corrections?.get(samples.length));
      samples.push({ time, duration, flags, compositionOffset: run.compositionOffset(i), data: [bytes.subarray(at, at + size)] });
      time += duration;
      at += size;
    }
  }
  return { samples, version };
}

function correctFlags(stated: number, sync: boolean | undefined): number {
  if (sync === undefined) return stated;
  return sync ? SYNC_SAMPLE : NON_SYNC_SAMPLE;
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

function trackSamples({ placement, version, sampleDescription }: TrackContent, samples: readonly Sample[]): TrackSamples {
  const { track } = placement.fragment;
  const content = { trackId: track.id, sampleDescription, version, samples };
  return track.kind === 'video' && placement.estimated ? bridged(content, track.timescale) : content;
}
