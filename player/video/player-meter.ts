import type { ViewerReport } from './feed-message';
import { type PlayerStats, RateMeter } from './player-stats';
import type { Reception } from './reception';

/** Counts what happens while a video plays, and puts together what is known of it. */
export class PlayerMeter {
  readonly #video: HTMLVideoElement;
  readonly #reception: Reception;
  readonly #decoded = new RateMeter();
  #skips = 0;
  #openedAt = NaN;
  #firstFrame = NaN;

  constructor(video: HTMLVideoElement, reception: Reception) {
    this.#video = video;
    this.#reception = reception;
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

  /** @param known what only the player knows. */
  stats(known: Pick<PlayerStats, 'latency' | 'target' | 'stalls' | 'seeks' | 'feed' | 'sound'>): PlayerStats {
    const video = this.#video;
    const { liveEdge, bitrate, mime, epoch } = this.#reception;
    const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
    return {
      ...known,
      firstFrame: this.#firstFrame,
      buffer: Math.max(0, liveEdge - video.currentTime),
      rate: video.playbackRate,
      bitrate,
      frameRate: this.#decoded.perSecond,
      dropped: droppedVideoFrames,
      frames: totalVideoFrames,
      skips: this.#skips,
      mime,
      epoch,
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
