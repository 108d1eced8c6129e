import type { Segment } from './segment';

/** How much is retained. */
export interface RetentionBounds {
  /** Seconds: the oldest segment stays as long as the others are shorter than this. */
  readonly duration: number;
  /** Of memory: see `HeldSegments.memory`. */
  readonly bytes: number;
  readonly count: number;
}

/** The whole segments of a timeline that are retained, oldest first, with running sums: adding and evicting cost the same however many there are. */
export class HeldSegments {
  readonly #segments: Segment[] = [];
  #memory = 0;
  #duration = 0;

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get newest(): Segment | undefined {
    return this.#segments[this.#segments.length - 1];
  }

  /** Bytes that the segments take up, and each init segment that they need once. */
  get memory(): number {
    return this.#memory;
  }

  /** Adds the newest. Segments of the same init segment follow one another. */
  add(segment: Segment): void {
    if (this.newest?.init !== segment.init) this.#memory += segment.init.bytes.length;
    this.#segments.push(segment);
    this.#memory += segment.memory;
    this.#duration += segment.duration;
  }

  /** Evicts the oldest until what is left is within the bounds. Returns whether any was. */
  trim({ duration, bytes, count }: RetentionBounds): boolean {
    const { length } = this.#segments;
    for (let oldest = this.#segments[0]; oldest !== undefined; oldest = this.#segments[0]) {
      if (this.#duration - oldest.duration < duration && this.#memory <= bytes && this.#segments.length <= count) break;
      this.#segments.shift();
      this.#memory -= oldest.memory;
      this.#duration -= oldest.duration;
      if (this.#segments[0]?.init !== oldest.init) this.#memory -= oldest.init.bytes.length;
    }
    // Sums of fractions aren't exact: nothing of them may be left over.
    if (this.#segments.length === 0) this.#duration = 0;
    return this.#segments.length < length;
  }
}
