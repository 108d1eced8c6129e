import type { Chunk } from './chunk';

/** Seconds of media within which a keyframe has to come. The usual 250 frames of libx264, at 24 a second, are less. */
export const LONGEST_GOP = 10.5;

/** Finds that no viewer could join for long: no chunk of video begins with a picture that a decoder can begin with. */
export class KeyframeWatch {
  /** Where the newest keyframe began, or else the epoch, seconds. */
  #since: number | undefined;
  #reported = false;

  beginEpoch(): void {
    this.#since = undefined;
  }

  /** Takes the next chunk, and returns for how many seconds there has been no keyframe, once that is too long: only the first time. */
  take({ hasVideo, joinable, start, end }: Chunk): number | undefined {
    if (!hasVideo || this.#reported) return undefined;
    if (joinable || this.#since === undefined) this.#since = start;
    const seconds = end - this.#since;
    this.#reported = seconds > LONGEST_GOP;
    return this.#reported ? seconds : undefined;
  }
}
