/** What the watch sees at one moment. */
interface FrameView {
  /** Presentation time, seconds. */
  readonly position: number;
  /** Frames that were decoded so far. */
  readonly decoded: number;
  /** Time from one frame to the next, seconds, where they are far apart. */
  readonly pace: number;
}

/** So much may be played without a new frame, seconds, and as many frames more as this. */
const PATIENCE = 2;
const PATIENCE_FRAMES = 3;

/** Watches that pictures come as time goes on: a decoder may hang while the sound plays. Pure but for `follow`. */
export class FrameWatch {
  /** Frames that were shown. */
  #shown = 0;
  #seen: { position: number; decoded: number; shown: number } | undefined;
  #waiting: { readonly from: number; readonly run: () => void } | undefined;
  #stop = false;

  /** Counts the frames that `video` shows, from now on, where the browser tells of them. */
  follow(video: HTMLVideoElement): void {
    if (!('requestVideoFrameCallback' in video)) return;
    const next = (): number =>
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        this.frame(mediaTime);
        if (!this.#stop) next();
      });
    next();
  }

  /** Takes notice of a frame of that presentation time. */
  frame(mediaTime: number): void {
    this.#shown++;
    if (this.#waiting === undefined || mediaTime < this.#waiting.from) return;
    const { run } = this.#waiting;
    this.#waiting = undefined;
    run();
  }

  /** Runs once a frame of `from` or later is shown. One may wait. */
  onceFrom(from: number, run: () => void): void {
    this.#waiting = { from, run };
  }

  /** Whether the picture is frozen. To be called often while it should move; after `forget` it begins anew. */
  isFrozen({ position, decoded, pace }: FrameView): boolean {
    const seen = this.#seen;
    if (seen === undefined || position < seen.position || decoded !== seen.decoded || this.#shown !== seen.shown) {
      this.#seen = { position, decoded, shown: this.#shown };
      return false;
    }
    return position - seen.position > PATIENCE + PATIENCE_FRAMES * pace;
  }

  /** The picture may stand for a while, or jumps. */
  forget(): void {
    this.#seen = undefined;
  }

  close(): void {
    this.#stop = true;
    this.#waiting = undefined;
  }
}
