import type { ViewerReport } from './feed-message';
import { type PlayerStats, RateMeter } from './player-stats';

/** So many measurements lie between two reports to the relay. */
const MEASUREMENTS_A_REPORT = 5;

/** What of its figures only the player knows. */
export type KnownStats = Omit<PlayerStats, 'firstFrame' | 'rate' | 'frameRate' | 'dropped' | 'frames' | 'skips' | 'width' | 'height'>;

/** Counts what happens while a video plays, whatever feeds it, and puts together what is known of it. */
export class PlayerMeter {
  readonly #video: HTMLVideoElement;
  readonly #decoded = new RateMeter();
  #skips = 0;
  #openedAt = NaN;
  #firstFrame = NaN;
  #measurements = 0;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** The connection is opened. */
  opened(): void {
    this.#openedAt = performance.now();
  }

  /** There is a picture to show: the first of them counts. */
  shown(): void {
    if (Number.isNaN(this.#firstFrame)) this.#firstFrame = (performance.now() - this.#openedAt) / 1000;
  }

  /** The relay has left media out. */
  skipped(): void {
    this.#skips++;
  }

  /** To be called about once a second: the frame rate is measured by that. */
  countFrames(): void {
    this.#decoded.count(performance.now(), this.#video.getVideoPlaybackQuality().totalVideoFrames);
  }

  /** To be called with each measurement. @returns whether it goes to the relay. */
  measured(): boolean {
    return ++this.#measurements % MEASUREMENTS_A_REPORT === 0;
  }

  stats(known: KnownStats): PlayerStats {
    const video = this.#video;
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return {
      ...known,
      firstFrame: this.#firstFrame,
      rate: video.playbackRate,
      frameRate: this.#decoded.perSecond,
      dropped: droppedVideoFrames,
      frames: totalVideoFrames,
      skips: this.#skips,
      width: video.videoWidth,
      height: video.videoHeight,
    };
  }
}

/** What of this the relay is told. */
export function reportOf({ latency, firstFrame, buffer, target, rate, stalls, skips, dropped, bitrate }: PlayerStats): ViewerReport {
  const known = { ...(Number.isNaN(latency) ? {} : { latency }), ...(Number.isNaN(firstFrame) ? {} : { firstFrame }), bitrate: Number.isNaN(bitrate) ? 0 : bitrate };
  return { buffer, target, rate, stalls, skips, dropped, ...known };
}
