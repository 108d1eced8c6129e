import type { FragmentPieces } from '../media/mp4/fragment-merger';
import type { Fragment, Merge } from './fragment';
import { OVERHEAD, type Part } from './segment';

/** The part that is next: nothing of it may have come yet. */
export class OpenPart {
  readonly number: number;
  #fragments: FragmentPieces[] = [];
  /** Those that came after the newest that counts. */
  #trailing: Fragment[] = [];
  #pieces = 0;
  #size = 0;
  #duration = 0;
  #soundEnd = -Infinity;
  /** Whether each fragment so far has samples of every track. */
  #complete = true;
  /** Unknown until its first frame of video has come, or of sound where there is no video. */
  #independent: boolean | undefined;

  constructor(number: number) {
    this.number = number;
  }

  /** Seconds. */
  get duration(): number {
    return this.#duration;
  }

  /** Bytes that it takes up so far: its media and the objects around it. */
  get memory(): number {
    return this.#memoryOf(this.#pieces);
  }

  /** Whether a frame that counts has come, and not just sound beside the video. */
  get begun(): boolean {
    return this.#independent !== undefined;
  }

  /** Where the newest of its sound beside the video ends, seconds; -Infinity if it has none. */
  get soundEnd(): number {
    return this.#soundEnd;
  }

  /** Whether it begins with a keyframe. */
  get independent(): boolean {
    return this.#independent ?? false;
  }

  /** Adds what doesn't count for its time: sound beside video. */
  append(fragment: Fragment): void {
    this.#trailing.push(fragment);
    this.#soundEnd = Math.max(this.#soundEnd, fragment.end);
    this.#add(fragment);
  }

  /** Adds what lasts `duration` seconds. */
  extend(fragment: Fragment, duration: number): void {
    this.#independent ??= fragment.joinable;
    this.#duration += duration;
    this.#trailing = [];
    this.#add(fragment);
  }

  /** Takes out the sound that came after the newest frame: it is to count now. */
  takeTrailing(): readonly Fragment[] {
    const taken = this.#trailing;
    if (taken.length === 0) return taken;
    this.#trailing = [];
    this.#fragments = this.#fragments.slice(0, this.#fragments.length - taken.length);
    for (const { pieces } of taken) {
      this.#pieces -= pieces.length;
      this.#size -= sizeOf(pieces);
    }
    return taken;
  }

  /** It has sound alone, and no picture will come: it lasts `duration` seconds. */
  endWithSound(duration: number): void {
    this.#independent = false;
    this.#duration = duration;
  }

  /** It is whole: nothing more is added. Fragments of single tracks are merged, if `merge` can. */
  close(merge: Merge): Part {
    const merged = this.#complete || this.#fragments.length === 1 ? undefined : merge(this.#fragments);
    const pieces = merged?.pieces ?? this.#fragments.flat();
    // The payload that is shared keeps in memory what came with it.
    const memory = this.#memoryOf(pieces.length) + (merged?.written ?? 0);
    return { number: this.number, duration: this.#duration, independent: this.independent, pieces, size: sizeOf(pieces), memory };
  }

  #add({ pieces, complete }: Fragment): void {
    this.#fragments.push(pieces);
    this.#pieces += pieces.length;
    this.#size += sizeOf(pieces);
    this.#complete &&= complete;
  }

  #memoryOf(pieces: number): number {
    return this.#size + OVERHEAD.part + pieces * OVERHEAD.piece;
  }
}

function sizeOf(pieces: FragmentPieces): number {
  return pieces.reduce((size, { length }) => size + length, 0);
}
