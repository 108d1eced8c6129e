import type { FrameWatch } from './frame-watch';

/** A frame this much older than the position is still fresh, seconds; after so many ms any is. */
const FRESH = 0.5;
const PATIENCE = 1_000;

/** Covers a picture that is stale, until a fresh one is shown. */
export class PictureCover {
  readonly #frames: FrameWatch;
  readonly #tell: (stale: boolean) => void;
  /** Runs out for the return that is awaited; one that was before it uncovers nothing any more. */
  #late: ReturnType<typeof setTimeout> | undefined;

  /** @param tell is told that the picture is stale, and better not seen; or that it is fresh again. */
  constructor(frames: FrameWatch, tell: (stale: boolean) => void) {
    this.#frames = frames;
    this.#tell = tell;
  }

  cover(): void {
    this.#forget();
    this.#tell(true);
  }

  uncover(): void {
    this.#forget();
    this.#tell(false);
  }

  /** Uncovers the picture once it is about that of `position`, or when that takes too long. */
  uncoverFrom(position: number): void {
    this.#forget();
    const uncover = (): void => {
      if (this.#late !== late) return;
      this.#forget();
      if (!document.hidden) this.uncover();
    };
    const late = setTimeout(uncover, PATIENCE);
    this.#late = late;
    this.#frames.onceFrom(position - FRESH, uncover);
  }

  #forget(): void {
    clearTimeout(this.#late);
    this.#late = undefined;
  }
}
