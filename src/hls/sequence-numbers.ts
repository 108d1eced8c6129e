import type { Clock } from '../relay/clock';

/** Numbers by wall time count from here, so that they fit into 31 bits for decades, as some players need. Unix ms. */
const EPOCH = Date.UTC(2025, 0, 1);
/** Ms for which there is one number. Segments last 2 s at least, but for leaps: so numbers by wall time run ahead of those that are given. */
const INTERVAL = 1_000;
/** How many names are remembered. */
const MOST_NAMES = 1_000;

/**
 * Media Sequence Numbers that never go back for a name, RFC 8216bis §6.2.2: a player that finds them lower waits, or fails. Packaging
 * begins with the larger of the last number and one, and the number by wall time. So numbers go on in a process whatever is done to
 * its clock, and after a restart of the relay or the machine as long as its clock is right. Monotonic time, which begins anew at
 * each start, has no part in it.
 */
export class SequenceNumbers {
  readonly #clock: Clock;
  /** The next number of each name, the one that was used last at the end. */
  readonly #next = new Map<string, number>();
  /** The highest next number of the names that were forgotten: all others begin there. */
  #floor = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The number of the first segment of a timeline of that name. Never negative. */
  first(name: string): number {
    return Math.max(this.#next.get(name) ?? this.#floor, Math.floor((this.#clock.wall() - EPOCH) / INTERVAL), 0);
  }

  /** Notes that `sequence` was given to a segment of that name. */
  note(name: string, sequence: number): void {
    const next = Math.max(this.#next.get(name) ?? this.#floor, sequence + 1);
    this.#next.delete(name);
    this.#next.set(name, next);
    const [oldest] = this.#next;
    if (this.#next.size <= MOST_NAMES || oldest === undefined) return;
    this.#next.delete(oldest[0]);
    this.#floor = Math.max(this.#floor, oldest[1]);
  }
}
