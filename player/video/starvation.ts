/** How long it may be without media before that is told, ms. */
const STALL_PATIENCE = 500;
/** A pause in the flow that is longer has other causes than a network that trembles, ms. */
const LONG_SILENCE = 3_000;

/** Whether a video goes on, and has what to go on with: Chromium tells the time once more as it runs dry. */
export function isFed({ seeking, paused, readyState }: HTMLVideoElement): boolean {
  return !seeking && !paused && readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
}

/** Whether a video has run out of media, and since when. Times in ms. Pure. */
export class Starvation {
  #since: number | undefined;
  #lastMediaAt = 0;
  #count = 0;

  /** How often it has run out. */
  get count(): number {
    return this.#count;
  }

  /** The video waits. @returns whether it didn't before. */
  begin(now: number): boolean {
    if (this.#since !== undefined) return false;
    this.#since = now;
    this.#count++;
    return true;
  }

  /** The video plays, or begins anew. @returns whether it had run out. */
  end(): boolean {
    const wasStarved = this.#since !== undefined;
    this.#since = undefined;
    return wasStarved;
  }

  /** Whether it lasts so long that the person should know. */
  lasts(now: number): boolean {
    return this.#since !== undefined && now - this.#since > STALL_PATIENCE;
  }

  /**
   * Media has come. While the video is `joining`, it waits for a place and not for media.
   * @returns whether it ran dry over a network that trembles: the media came late, but soon.
   */
  mediaCame(now: number, joining: boolean): boolean {
    const silence = now - this.#lastMediaAt;
    this.#lastMediaAt = now;
    if (this.#since === undefined || joining) return false;
    this.#since = undefined;
    return silence < LONG_SILENCE;
  }
}
