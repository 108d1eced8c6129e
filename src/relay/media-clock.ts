import type { ChunkWindow } from './chunk-window';
import type { Clock } from './clock';
import type { HeldChunk } from './media-message';

/** Media time in seconds, and the relay's Unix time in ms that goes with it. */
export interface ClockPair {
  readonly media: number;
  readonly wall: number;
}

/** When the media of one epoch was captured, if its publisher says so, and when it came. */
export class MediaClock {
  readonly #clock: Clock;
  readonly #window: ChunkWindow;
  #captured: ClockPair | undefined;

  constructor(clock: Clock, window: ChunkWindow) {
    this.#clock = clock;
    this.#window = window;
  }

  /** Takes what the publisher says of when it captured something. */
  note(captured: ClockPair): void {
    this.#captured = captured;
  }

  /** When the start of a chunk was captured, Unix ms; if the publisher says of nothing when it was, when all of it had come, less how long it is. */
  startOf({ chunk: { start, end }, at }: HeldChunk): number {
    return this.#capturedAt(start) ?? this.#cameAt(at) - (end - start) * 1000;
  }

  /** The newest pair that is known: as captured if the publisher says so, else as received. */
  get newest(): ClockPair | undefined {
    const { newest } = this.#window;
    return this.#captured ?? (newest && { media: newest.end, wall: Math.round(this.#cameAt(newest.at)) });
  }

  /** From capture to the relay, seconds; undefined unless the publisher says when it captures. */
  get lag(): number | undefined {
    const { newest } = this.#window;
    const capturedAt = newest && this.#capturedAt(newest.end);
    return newest && capturedAt !== undefined ? (this.#cameAt(newest.at) - capturedAt) / 1000 : undefined;
  }

  #capturedAt(media: number): number | undefined {
    return this.#captured && this.#captured.wall + (media - this.#captured.media) * 1000;
  }

  /** `at` is monotonic ms; what it gives, Unix ms. */
  #cameAt(at: number): number {
    return this.#clock.wall() - (this.#clock.now() - at);
  }
}
