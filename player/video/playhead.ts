import { SMALL_STEP } from './latency-controller';

/** A position this close before media counts as in it, seconds. */
const TOLERANCE = 0.01;
/** So close before a gap there is nothing more to wait for: this, or a frame's time, seconds. */
const GAP_REACH = 0.1;
const MAX_GAP_REACH = 1;

/** What comes. */
interface ComingMedia {
  /** Seconds from one piece of media to the next. */
  readonly pace: number;
  /** Presentation time up to which media has come, seconds; NaN before there is some. */
  readonly liveEdge: number;
}

/** Moves a video by seeks, which it can tell from those of others, and by the playback rate; never into a gap. */
export class Playhead {
  readonly #video: HTMLVideoElement;
  readonly #media: ComingMedia;
  /** Where it is going by itself. */
  #goingTo: number | undefined;

  constructor(video: HTMLVideoElement, media: ComingMedia) {
    this.#video = video;
    this.#media = media;
  }

  /** Where it is, or is going. */
  get heading(): number {
    return this.#goingTo ?? this.#video.currentTime;
  }

  /** Goes there, or to the media next behind it: in a gap, a video waits for ever. */
  goTo(wanted: number): void {
    const time = Math.max(wanted, this.rangeStart(wanted) ?? wanted);
    // A little into the media: a position that is rounded down would be before it.
    this.#goingTo = time + 0.001;
    this.#video.currentTime = this.#goingTo;
  }

  /** To be called once as the video begins to seek: whether that is our own doing. */
  takeOwnSeek(): boolean {
    const own = this.#goingTo !== undefined && Math.abs(this.#video.currentTime - this.#goingTo) < TOLERANCE;
    this.#goingTo = undefined;
    return own;
  }

  /** Where media goes on, if it was removed or left out under a seek: the video would wait there for ever. */
  get wayOut(): number | undefined {
    const { seeking, currentTime } = this.#video;
    const from = seeking ? this.rangeStart(currentTime) : undefined;
    return from !== undefined && from > currentTime ? from : undefined;
  }

  /**
   * Where the media begins that is at `position`, or else next after it: before a gap, the video stands still a little early.
   * Never media after the live edge: where the times of a stream have jumped back, that is older.
   */
  rangeStart(position: number): number | undefined {
    const { buffered } = this.#video;
    const reach = Math.min(MAX_GAP_REACH, Math.max(GAP_REACH, this.#media.pace));
    // The range that grows: the last that doesn't begin after the live edge, else the first.
    let live = buffered.length - 1;
    while (live > 0 && buffered.start(live) > this.#media.liveEdge) live--;
    for (let i = 0; i <= live; i++) {
      if (buffered.end(i) > position + (i === live ? 0 : reach)) return buffered.start(i) - position > TOLERANCE ? buffered.start(i) : Math.min(buffered.start(i), position);
    }
    return undefined;
  }

  setRate(rate: number): void {
    if (Math.abs(this.#video.playbackRate - rate) < 0.001) return;
    this.#video.preservesPitch = Math.abs(rate - 1) > SMALL_STEP + 0.001;
    this.#video.playbackRate = rate;
  }
}
