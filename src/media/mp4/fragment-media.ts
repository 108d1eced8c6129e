import type { Chunk } from '../chunk';
import type { ChunkMemory } from '../chunk-memory';
import { MediaBuffer } from '../media-buffer';
import { MediaError } from '../media-error';
import { Work } from '../work-meter';
import { boxAt, boxOffset, type BoxRange } from './box-scanner';
import { shiftTimes } from './edit-list';
import type { InBandSets, ShapeChange } from './in-band-sets';
import type { Mp4Init } from './init-segment';
import { type MovieFragment, readMovieFragment, type TrackFragment } from './movie-fragment';
import { withPacketDuration } from './opus-durations';
import { PictureScan, type PictureFindings, type WholeFragment } from './picture-scan';
import { regroup } from './regroup';
import type { Placement, Timeline } from './timeline';

const NO_BYTES = new Uint8Array(0);

/** A chunk, and the change of the picture's shape that it begins with. */
interface MediaPart {
  readonly change: ShapeChange | undefined;
  readonly chunk: Chunk;
}

/**
 * Joins one `moof` and its `mdat`, and makes chunks of both. A byte is copied once, out of what the publisher's socket read and into
 * the array that viewers are sent; a second time only if the fragment must be written anew.
 */
export class FragmentMedia {
  readonly #fragment: MovieFragment;
  /** Of the `moof` in the publisher's stream. */
  readonly #moofOffset: number;
  readonly #moofSize: number;
  /** Where the `moof` is until the chunk is allocated: in what the publisher's socket read, unless `keepMoof` has copied it. */
  #moofBytes: Uint8Array;
  #moofStart: number;
  #moofIsLent = true;
  /** `moof` and `mdat`. */
  #buffer: MediaBuffer | undefined;
  /** Of the `mdat` in the publisher's stream. */
  #mdatOffset = 0;
  #mdatHeaderSize = 0;
  #sizeKnown = true;
  #rewritten = 0;
  #scanned: PictureFindings | undefined;

  constructor(moof: BoxRange, fragment: MovieFragment) {
    this.#fragment = fragment;
    this.#moofOffset = boxOffset(moof);
    this.#moofSize = moof.end - moof.start;
    this.#moofBytes = moof.source.bytes;
    this.#moofStart = moof.start;
  }

  /** Bytes of `moof` and `mdat` so far. */
  get length(): number {
    return this.#buffer?.length ?? this.#moofSize;
  }

  /** What `parts` has done, in the units of `Work`. */
  get work(): number {
    return Work.sample * this.#rewritten + (this.#scanned?.work ?? 0);
  }

  /** To be called before the bytes that the `moof` lies in are the publisher's again. */
  keepMoof(): void {
    if (!this.#moofIsLent) return;
    this.#moofIsLent = false;
    this.#moofBytes = this.#moofBytes.slice(this.#moofStart, this.#moofStart + this.#moofSize);
    this.#moofStart = 0;
  }

  /**
   * Makes room for the chunk and takes in `moof`, the header of `mdat`, and what lies behind it. If `moof` lies before it, as in a
   * stream whose fragments arrive whole, that is one copy of all.
   * @param mdat which may end behind its bytes, or never: of what never ends, only the header is taken.
   * @returns where what was taken ends.
   */
  begin(mdat: BoxRange, memory: ChunkMemory): number {
    const { bytes } = mdat.source;
    this.#mdatOffset = boxOffset(mdat);
    this.#mdatHeaderSize = mdat.body - mdat.start;
    this.#sizeKnown = mdat.end !== Infinity;
    this.#buffer = new MediaBuffer(this.#moofSize + mdat.end - mdat.start, memory);
    const end = this.#sizeKnown ? Math.min(bytes.length, mdat.end) : mdat.body;
    const follows = this.#moofBytes === bytes && this.#moofStart + this.#moofSize === mdat.start;
    if (!follows) this.#buffer.append(this.#moofBytes, this.#moofStart, this.#moofStart + this.#moofSize);
    this.#buffer.append(bytes, follows ? this.#moofStart : mdat.start, end);
    this.#moofBytes = NO_BYTES;
    this.#moofIsLent = false;
    return end;
  }

  /** Takes in more of `mdat`: the bytes from `start` to before `end`. */
  append(bytes: Uint8Array, start: number, end: number): void {
    this.#buffer?.append(bytes, start, end);
  }

  /** The chunks, when all is in: one as it came, or those that `regroup` writes. */
  parts(init: Mp4Init, { timeline, sets }: { timeline: Timeline; sets: InBandSets | undefined }): MediaPart[] {
    this.#checkData();
    if (this.#buffer === undefined) return [];
    const bytes = this.#buffer.seal();
    if (!this.#sizeKnown) this.#stateSize(bytes);
    const data = { bytes, shift: this.#moofOffset + this.#moofSize - this.#mdatOffset };
    const fragments = this.#movedFragments(bytes, init);
    const findings = this.#scan(fragments, { bytes, shift: data.shift, origin: this.#moofOffset, init, sets });
    const changes = findings?.changes ?? [];
    const placements = fragments.map((fragment) => timeline.place(withFindings(withPacketDuration(fragment, data), findings)));
    // Data offsets count over what lies between moof and mdat, which isn't passed on.
    const asItCame = this.#fragment.portable && data.shift === 0 && placements.every(saysAll) && findsNothing(findings);
    if (asItCame) return [{ change: changes[0], chunk: timeline.describe(bytes, placements) }];
    this.#rewritten = placements.reduce((sum, { fragment }) => sum + fragment.sampleCount, 0);
    const guesses = new Set(placements.filter(({ estimated }) => estimated).map(({ fragment }) => fragment.track.id));
    return regroup({ ...data, moof: this.#moofIn(bytes), init, placements, findings }).map(({ bytes: part, from }) => {
      const { fragments: written } = readMovieFragment(boxAt({ bytes: part, origin: this.#moofOffset, path: '' }, 0), init);
      const chunk = timeline.describe(part, written.map((fragment) => timeline.place(fragment)), guesses);
      return { change: changes.find(({ at }) => at === from), chunk };
    });
  }

  #moofIn(bytes: Uint8Array): BoxRange {
    return boxAt({ bytes, origin: this.#moofOffset, path: '' }, 0);
  }

  /** What is found in the samples of video, if they can be looked at. */
  #scan(fragments: readonly TrackFragment[], whole: WholeFragment): PictureFindings | undefined {
    const { pictures } = whole.init;
    const video = pictures && fragments.find(({ track }) => track.id === pictures.id);
    if (video === undefined || pictures === undefined) return undefined;
    return (this.#scanned = new PictureScan(pictures, video, whole));
  }

  /** The track fragments, with times that want no edit list: in the copy, too. */
  #movedFragments(bytes: Uint8Array, init: Mp4Init): readonly TrackFragment[] {
    if (init.shifts.size === 0) return this.#fragment.fragments;
    const moof = this.#moofIn(bytes);
    shiftTimes(moof, init.shifts);
    return readMovieFragment(moof, init).fragments;
  }

  /** Gives an `mdat` that went on to the end its real size. */
  #stateSize(bytes: Uint8Array): void {
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(this.#moofSize, bytes.length - this.#moofSize);
  }

  /** All samples must lie in the payload, and not one on the other. */
  #checkData(): void {
    const start = this.#mdatOffset + this.#mdatHeaderSize - this.#moofOffset;
    const size = this.length - this.#moofSize - this.#mdatHeaderSize;
    let total = 0;
    for (const { dataStart, dataEnd, dataSize } of this.#fragment.fragments) {
      total += dataSize;
      if (dataStart >= start && dataEnd <= start + size && total <= size) continue;
      throw new MediaError('malformed-media', 'Samples lie outside of the mdat box that follows', { offset: this.#moofOffset, path: 'moof' });
    }
  }
}

/**
 * Whether a track fragment says all that viewers need. Without a duration of its last sample, Media Source Extensions take what
 * follows for a gap and drop it up to the next keyframe.
 */
function saysAll({ fragment, time }: Placement): boolean {
  return fragment.lastDuration > 0 && fragment.lastPacket === undefined && !fragment.hasSyncInside && time === fragment.time;
}

function withFindings(fragment: TrackFragment, findings: PictureFindings | undefined): TrackFragment {
  if (findings === undefined || fragment.track.kind !== 'video') return fragment;
  const { beginsWithSync, hasSyncInside } = findings;
  if (beginsWithSync === fragment.beginsWithSync && hasSyncInside === fragment.hasSyncInside) return fragment;
  return { ...fragment, beginsWithSync, hasSyncInside };
}

/** Whether a fragment may stay as it is, whatever begins with it. */
function findsNothing(findings: PictureFindings | undefined): boolean {
  return findings === undefined || (findings.corrections.size === 0 && findings.changes.every(({ at }) => at === 0));
}
