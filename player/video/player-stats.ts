import type { SoundPath } from './sound-outlet';

/** What a player knows of how it plays. Seconds, unless said otherwise; NaN while unknown. */
export interface PlayerStats {
  /** From capture, or failing that from the relay, to the picture. */
  readonly latency: number;
  /** From opening the connection to the first picture, or the first sound where there is none. */
  readonly firstFrame: number;
  /** Media ahead of the picture. */
  readonly buffer: number;
  /** How much it tries to hold. */
  readonly target: number;
  /** The playback rate. */
  readonly rate: number;
  /** Bits a second of media that came, over the last seconds. */
  readonly bitrate: number;
  /** Frames a second that were decoded, over the last seconds. */
  readonly frameRate: number;
  /** Frames that came too late to be shown, of all. */
  readonly dropped: number;
  readonly frames: number;
  /** Times at which the relay left media out, because the connection was slow. */
  readonly skips: number;
  /** Times at which media ran out. */
  readonly stalls: number;
  /** Times at which it jumped. */
  readonly seeks: number;
  /** How media comes: over a WebSocket into a `worker`, or the `page` where the browser has no media sources in workers; or as HLS. */
  readonly feed: 'worker' | 'page' | 'hls.js' | 'native';
  /** Where sound goes out. */
  readonly sound: SoundPath;
  readonly mime: string;
  /** The relay's name of the timeline. */
  readonly epoch: string;
  readonly width: number;
  readonly height: number;
}

/** Over so much time rates are measured, ms. */
const WINDOW = 3_000;

/** How fast something that is counted goes up: per second, over the last seconds. */
export class RateMeter {
  readonly #counts: { readonly at: number; readonly count: number }[] = [];

  /** Takes the count at `now`, ms. */
  count(now: number, count: number): void {
    const last = this.#counts.at(-1);
    if (last !== undefined && count < last.count) this.#counts.length = 0;
    this.#counts.push({ at: now, count });
    while (this.#counts.length > 2 && (this.#counts[1]?.at ?? now) <= now - WINDOW) this.#counts.shift();
  }

  /** NaN before there is a second to judge by. */
  get perSecond(): number {
    const [first, last] = [this.#counts[0], this.#counts.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 900) return NaN;
    return ((last.count - first.count) / (last.at - first.at)) * 1000;
  }
}
