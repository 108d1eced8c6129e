import type { BytePlace } from '../byte-reader';
import { isParameterSet, NalType, readLength } from '../codecs/h264-nal-units';
import { MAX_SETS } from '../codecs/h264-parameter-sets';
import { hideRecoveryPoints, SEI_READ } from '../codecs/recovery-point';
import { Work } from '../work-meter';
import { boxAt } from './box-scanner';
import { FragmentReader } from './fragment-reader';
import type { InBandSets, ShapeChange } from './in-band-sets';
import type { Mp4Init } from './init-segment';
import type { FragmentData, TrackFragment } from './movie-fragment';
import type { NalTrack } from './nal-track';
import { isSync } from './track-run';

/**
 * NAL units of a fragment that are looked at, and bytes of SEI and of parameter sets: many more than a live fragment has. What follows is
 * taken as it is stated.
 */
const MAX_UNITS = 1 << 17;
const MAX_SEI = 1 << 18;
const MAX_SET_BYTES = 1 << 20;

// Most fragments have none: nothing is made for them.
const NO_CORRECTIONS: ReadonlyMap<number, boolean> = new Map();
const NO_CHANGES: readonly ShapeChange[] = [];

/** Types of H.265, ITU-T H.265 table 7-1: pictures have those below 32, and IRAP pictures (BLA, IDR, CRA) these. */
const H265 = { parameterSets: 32, firstIrap: 16, lastIrap: 23 };

/** What the samples of video in a fragment are. */
export interface PictureFindings {
  /** Whether a sample can be decoded by itself, by its index, where its flags say otherwise. */
  readonly corrections: ReadonlyMap<number, boolean>;
  readonly beginsWithSync: boolean;
  /** Whether a sample that can be decoded by itself follows one that can't. */
  readonly hasSyncInside: boolean;
  /** Where its pictures have another shape than those before, in order. */
  readonly changes: readonly ShapeChange[];
  /** What it took to find all that, in the units of `Work`. */
  readonly work: number;
}

/** A fragment whose samples are all there. */
export interface WholeFragment extends FragmentData {
  /** Of its `moof`, with which `bytes` begin, in the publisher's stream. */
  readonly origin: number;
  readonly init: Mp4Init;
  /** Undefined if they aren't followed. */
  readonly sets: InBandSets | undefined;
}

/**
 * Looks which samples of a track of H.264 or H.265 a decoder can begin with: those with an IDR picture, or an IRAP picture of H.265,
 * whatever their flags say. ffmpeg and others flag every I picture with a recovery point, which open GOPs begin with; but browsers
 * decode H.264 from an IDR picture on only. Of the recovery points in other samples it sees to it that decoders pass over them, in place.
 *
 * A CRA picture of H.265 counts: a decoder that begins there drops the pictures that need what was before (RASL), as ITU-T H.265 §8.1.3 says.
 *
 * A sample is read up to its first slice. One whose units can't be told apart is what its flags say.
 */
export class PictureScan implements PictureFindings {
  #corrections: Map<number, boolean> | undefined;
  beginsWithSync = false;
  hasSyncInside = false;
  #changes: ShapeChange[] | undefined;
  #units = 0;
  #seiBytes = 0;
  #setBytes = 0;
  readonly #track: NalTrack;
  readonly #bytes: Uint8Array;
  readonly #sets: InBandSets | undefined;
  readonly #place: BytePlace;
  #samples = 0;
  #allSync = true;

  constructor(track: NalTrack, fragment: TrackFragment, whole: WholeFragment) {
    this.#track = track;
    this.#bytes = whole.bytes;
    this.#sets = whole.sets;
    this.#place = { offset: fragment.offset, path: 'moof/traf' };
    const { shift, sets } = whole;
    sets?.beginFragment();
    if (fragment.sampleCount === 1) this.#take(shift + fragment.lastSampleStart, shift + fragment.lastSampleEnd, fragment.beginsWithSync);
    else this.#takeRuns(whole);
  }

  get work(): number {
    return Math.ceil(this.#units / Work.unitsRead + this.#seiBytes / Work.seiBytesRead + this.#setBytes / Work.setBytesCompared) + (this.#sets?.work ?? 0);
  }

  get corrections(): ReadonlyMap<number, boolean> {
    return this.#corrections ?? NO_CORRECTIONS;
  }

  get changes(): readonly ShapeChange[] {
    return this.#changes ?? NO_CHANGES;
  }

  #takeRuns({ bytes, origin, init, shift }: WholeFragment): void {
    const moof = boxAt({ bytes, origin, path: '' }, 0);
    const reader = new FragmentReader(moof, init);
    reader.sequence();
    for (let header = reader.nextTrack(); header; header = reader.nextTrack()) {
      const isMine = header.track?.id === this.#track.id;
      for (let run = reader.nextRun(); run; run = reader.nextRun()) {
        let at = shift + reader.dataStart;
        for (let i = 0; isMine && i < run.count; i++) {
          const end = at + run.sampleSize(i);
          this.#take(at, end, isSync(run.sampleFlags(i)));
          at = end;
        }
      }
    }
  }

  /** The sample from `start` to before `end`, of which it is stated whether it can be decoded by itself. */
  #take(start: number, end: number, stated: boolean): void {
    const index = this.#samples++;
    const sync = this.#beginsAnew(start, end, index) ?? stated;
    if (sync !== stated) (this.#corrections ??= new Map()).set(index, sync);
    if (index === 0) this.beginsWithSync = sync;
    this.hasSyncInside ||= sync && !this.#allSync;
    this.#allSync &&= sync;
  }

  /** Whether its first picture can be decoded by itself; undefined if there is none, or its units don't fit. */
  #beginsAnew(start: number, end: number, index: number): boolean | undefined {
    const { lengthSize, codec } = this.#track;
    let hasSei = false;
    let found: Uint8Array[] | undefined;
    for (let at = start; at < end && this.#units < MAX_UNITS; ) {
      const unit = at + lengthSize;
      const next = this.#endOfUnit(at, end);
      if (next === undefined) return undefined;
      const type = this.#typeAt(unit);
      if (isPicture(codec, type)) {
        const sync = isRandomAccess(codec, type);
        if (hasSei && !sync) this.#hideRecoveryPoints(start, at);
        if (sync) this.#takeSets(found ?? [], { slice: this.#bytes.subarray(unit, next), index });
        return sync;
      }
      hasSei ||= codec === 'h264' && type === NalType.sei;
      if (this.#sets !== undefined && isParameterSet(type) && this.#setBytes < MAX_SET_BYTES) {
        found ??= [];
        // One more than is allowed is enough to have them refused.
        if (found.length <= MAX_SETS) found.push(this.#bytes.subarray(unit, next));
        this.#setBytes += next - unit;
      }
      at = next;
    }
    return undefined;
  }

  #takeSets(found: readonly Uint8Array[], { slice, index }: { slice: Uint8Array; index: number }): void {
    if (this.#sets === undefined || (found.length === 0 && !this.#sets.areSeveral)) return;
    const change = this.#sets.take(found, { slice, at: index, place: this.#place });
    if (change !== undefined) (this.#changes ??= []).push(change);
  }

  /** Those in the units from `start` to before `end`. */
  #hideRecoveryPoints(start: number, end: number): void {
    for (let at = start; at < end && this.#seiBytes < MAX_SEI; ) {
      const unit = at + this.#track.lengthSize;
      const next = this.#endOfUnit(at, end) ?? end;
      if (this.#typeAt(unit) === NalType.sei) {
        this.#seiBytes += Math.min(next - unit, SEI_READ);
        hideRecoveryPoints(this.#bytes, { start: unit, end: next });
      }
      at = next;
    }
  }

  /** Where the unit ends whose length stands at `at`; nothing if it has no byte, or goes beyond `end`. */
  #endOfUnit(at: number, end: number): number | undefined {
    this.#units++;
    const { lengthSize } = this.#track;
    const start = at + lengthSize;
    const next = start + readLength(this.#bytes, at, lengthSize);
    return next > start && next <= end ? next : undefined;
  }

  #typeAt(unit: number): number {
    const header = this.#bytes[unit] ?? 0;
    return this.#track.codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
  }
}

function isPicture(codec: NalTrack['codec'], type: number): boolean {
  return codec === 'h264' ? type >= NalType.slice && type <= NalType.idr : type < H265.parameterSets;
}

function isRandomAccess(codec: NalTrack['codec'], type: number): boolean {
  return codec === 'h264' ? type === NalType.idr : type >= H265.firstIrap && type <= H265.lastIrap;
}
