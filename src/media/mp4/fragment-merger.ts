import { MediaError } from '../media-error';
import { Box } from './box';
import { boxAt } from './box-scanner';
import { FragmentReader } from './fragment-reader';
import { type Sample, type TrackSamples, writeFragmentHead } from './fragment-writer';
import { type Mp4Init, readInit } from './init-segment';
import type { TrackRun } from './track-run';

/** Fragments and samples that are merged at most: many more than a second of media has. Bounds the work of one merge to about 1 ms. */
const MAX_FRAGMENTS = 256;
const MAX_SAMPLES = 1024;
/** Boxes in these fragments, of which a publisher may send very many that nobody needs. */
const MAX_BOXES = 8192;
/** A sample may be followed by the next after this many of its durations. More is a gap, as for Media Source Extensions. */
const LONGEST_STEP = 2;
/** What the 32 bits of a duration hold. */
const MAX_DURATION = 2 ** 32 - 1;

/** A `moof` and its `mdat`, in pieces; the first has the whole `moof`. */
export type FragmentPieces = readonly Uint8Array[];

/** Fragments that were merged. */
export interface MergedFragments {
  readonly pieces: readonly Uint8Array[];
  /** Bytes of the pieces that share nothing with what was merged. */
  readonly written: number;
}

/** What is merged of one track. */
interface MergedTrack extends TrackSamples {
  readonly samples: Sample[];
}

/**
 * Makes one fragment of several that each hold a frame of one track: a `moof` with a `traf` for each track, and an `mdat`. Players
 * that take the first `traf` of a file for that of the first track need this, and it is smaller. Only the `moof` is new; the
 * payload is shared.
 */
export class FragmentMerger {
  readonly #init: Pick<Mp4Init, 'tracks' | 'dropped' | 'fileStart'>;

  /** @param init an init segment, as `InitSegment.bytes` has it. @throws MediaError as `readInit` does. */
  constructor(init: Uint8Array) {
    const { tracks, dropped, fileStart } = readInit(undefined, moovOf(init));
    this.#init = { tracks, dropped, fileStart };
  }

  /**
   * The same samples at the same times, in as few fragments as possible, in pieces: one, unless a track has a gap or its times step
   * back. In a fragment the tracks are in the order of the `moov`. A sample lasts until the next one of its track begins, also
   * where it states slightly less or more.
   * @returns undefined where there are too many fragments, samples or boxes.
   * @throws MediaError `malformed-media`.
   */
  merge(fragments: readonly FragmentPieces[]): MergedFragments | undefined {
    if (fragments.length > MAX_FRAGMENTS) return undefined;
    let sequence: number | undefined;
    let left = MAX_SAMPLES;
    let boxes = 0;
    let tracks = new Map<number, MergedTrack>();
    const merged = [tracks];
    for (const pieces of fragments) {
      const reader = new FragmentReader(boxAt({ bytes: pieces[0] ?? NO_BYTES, origin: 0, path: '' }, 0), this.#init);
      sequence ??= reader.sequence();
      for (let header = reader.nextTrack(); header; header = reader.nextTrack()) {
        const { track, sampleDescription, time = 0 } = header;
        let at = time;
        for (let run = reader.nextRun(); run; run = reader.nextRun()) {
          left -= run.count;
          if (left < 0) return undefined;
          if (!track || run.count === 0) continue;
          const next = { trackId: track.id, sampleDescription, version: Math.min(run.version, 1), samples: readSamples(run, { pieces, at: reader.dataStart, time: at }) };
          at += run.duration;
          if (append(tracks, next)) continue;
          tracks = new Map([[track.id, next]]);
          merged.push(tracks);
        }
      }
      boxes += reader.boxes;
      if (boxes > MAX_BOXES) return undefined;
    }
    const written = merged.map((all) => this.#write(sequence ?? 0, all));
    return { pieces: written.flatMap(({ head, data }) => [head, ...data]), written: written.reduce((sum, { head }) => sum + head.length, 0) };
  }

  #write(sequence: number, merged: ReadonlyMap<number, MergedTrack>): { head: Uint8Array; data: readonly Uint8Array[] } {
    const tracks = [...this.#init.tracks.keys()].flatMap((id) => merged.get(id) ?? []);
    return { head: writeFragmentHead(sequence, tracks), data: joinNeighbours(tracks.flatMap(({ samples }) => samples.flatMap(({ data }) => data))) };
  }
}

const NO_BYTES = new Uint8Array(0);

function moovOf(init: Uint8Array): Box {
  for (let at = 0; at < init.length; ) {
    const box = Box.at(init.subarray(at), at);
    if (box.type === 'moov') return box;
    at += box.bytes.length;
  }
  throw new MediaError('malformed-media', 'The init segment has no "moov"', { offset: 0, path: '' });
}

/** The samples of a run whose data begins `at` bytes after the beginning of the fragment, and whose first is decoded at `time`. */
function readSamples(run: TrackRun, { pieces, at, time }: { pieces: FragmentPieces; at: number; time: number }): Sample[] {
  const samples: Sample[] = [];
  for (let i = 0; i < run.count; i++) {
    const duration = run.sampleDuration(i);
    const size = run.sampleSize(i);
    samples.push({ time, duration, flags: run.sampleFlags(i), compositionOffset: run.compositionOffset(i), data: cut(pieces, at, at + size) });
    time += duration;
    at += size;
  }
  return samples;
}

/** Adds samples to those of their track. Returns false, having added nothing, where they can't follow them in one `traf`. */
function append(tracks: Map<number, MergedTrack>, next: MergedTrack): boolean {
  const known = tracks.get(next.trackId);
  const last = known?.samples.at(-1);
  const [first] = next.samples;
  if (known === undefined || last === undefined || first === undefined) {
    tracks.set(next.trackId, next);
    return true;
  }
  const step = first.time - last.time;
  if (step <= 0 || step > Math.min(LONGEST_STEP * last.duration, MAX_DURATION) || known.sampleDescription !== next.sampleDescription) return false;
  if (step !== last.duration) known.samples[known.samples.length - 1] = { ...last, duration: step };
  known.samples.push(...next.samples);
  // Version 1 has signed offsets; those of version 0 that are used fit both.
  if (next.version > known.version) tracks.set(next.trackId, { ...known, version: next.version });
  return true;
}

/** Views of the bytes from `start` to before `end` of all pieces together. */
function cut(pieces: FragmentPieces, start: number, end: number): Uint8Array[] {
  const views: Uint8Array[] = [];
  let offset = 0;
  for (const piece of pieces) {
    const from = Math.max(0, start - offset);
    const to = Math.min(piece.length, end - offset);
    if (from < to) views.push(piece.subarray(from, to));
    offset += piece.length;
    if (offset >= end) break;
  }
  return views;
}

/** The same bytes in fewer views: those that follow one another in memory become one. */
function joinNeighbours(views: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = [];
  for (const view of views) {
    const last = joined.at(-1);
    if (last?.buffer === view.buffer && last.byteOffset + last.length === view.byteOffset) {
      joined[joined.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + view.length);
    } else {
      joined.push(view);
    }
  }
  return joined;
}
