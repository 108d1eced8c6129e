import type { FeedEvent } from './feed-message';
import { detach } from './media-source';
import { PlayedTime } from './played-time';
import { type LivePlayerOptions, mediaFailure } from './player-listener';
import { type KnownStats, PlayerMeter } from './player-meter';
import { CANNOT_PLAY } from './player-state';
import type { PlayerStats } from './player-stats';
import { PlayerStatus } from './player-status';
import { Reception } from './reception';
import { Recovery } from './recovery';
import { isFed, Starvation } from './starvation';

/**
 * Plays one stream in a `<video>`, whatever feeds it: knows whether it is wanted to play, what state it is in, when it runs out of media, and
 * when to give up; measures it, and says so. How media comes, and how it is kept near the live edge, is of those that extend it.
 */
export abstract class StreamPlayer {
  /** What is known of the stream. */
  readonly media = new Reception();
  protected readonly video: HTMLVideoElement;
  protected readonly options: LivePlayerOptions;
  protected readonly status: PlayerStatus;
  protected readonly meter: PlayerMeter;
  protected readonly starvation = new Starvation();
  protected readonly recovery = new Recovery();
  protected readonly playedTime = new PlayedTime();
  /** Whether the page or the person wants it to play. */
  protected wanted: boolean;
  readonly #events = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  #looks = 0;

  /** @param looks how many times a second it looks where it is. */
  constructor(options: LivePlayerOptions, looks: number) {
    const { video, autoplay, listener } = options;
    this.video = video;
    this.options = options;
    this.wanted = autoplay;
    this.status = new PlayerStatus(listener);
    this.meter = new PlayerMeter(video);
    this.on('play', () => this.resumed());
    this.on('pause', () => this.#paused());
    this.on('loadeddata', () => this.meter.shown());
    this.on('waiting', () => this.starved());
    for (const type of ['playing', 'timeupdate']) {
      this.on(type, () => {
        if (isFed(video)) this.fed();
      });
    }
    this.#looking = setInterval(() => {
      const now = performance.now();
      this.playedTime.look(now, video.currentTime);
      this.look();
      this.status.set({ starved: this.starvation.lasts(now) });
      if (++this.#looks % looks === 0) this.#measure();
    }, 1_000 / looks);
  }

  /** How far the picture is behind where it would be at the live edge, seconds. */
  abstract get lag(): number;
  /** Presentation time of the live edge, seconds; NaN before there is one. */
  abstract get liveEdge(): number;
  abstract get stats(): PlayerStats;
  /** Goes to the live edge, and stays there. */
  abstract seekToLive(): void;

  /** Connects, if it hasn't yet. */
  open(): void {
    if (this.status.facts.link !== 'none') return;
    this.status.set({ link: 'opening' });
    this.meter.opened();
    this.connect();
  }

  /** Ends it for good, and leaves the video empty. May be called twice. */
  close(): void {
    this.#events.abort();
    clearInterval(this.#looking);
    this.video.playbackRate = 1;
    detach(this.video);
  }

  /** Whether media of the stream has come. */
  protected get started(): boolean {
    return this.status.facts.started;
  }

  protected abstract connect(): void;
  /** It is to play. */
  protected abstract resumed(): void;
  /** It is paused, and nothing needs to come. */
  protected abstract rest(): void;
  /** Whether the browser pauses it by itself now, and not somebody. */
  protected abstract get isPausedByBrowser(): boolean;
  /** It goes on, and has what to go on with. */
  protected abstract fed(): void;
  /** It has nothing to go on with. */
  protected abstract starved(): void;
  /** It looks where it is. */
  protected abstract look(): void;
  /** It was measured. @param due whether that goes to the relay. */
  protected abstract measured(stats: PlayerStats, due: boolean): void;
  /** Begins anew, with a media source of its own. */
  protected abstract restart(): void;
  /** Nothing of what plays is wanted any more. @param init what `recover` was told. */
  protected abstract giveUp(init?: string): void;

  /** Takes what its feed tells. */
  protected hear(event: FeedEvent): void {
    this.media.hear(event);
    this.status.hear(event);
  }

  /** @param known what only those that extend it know. */
  protected figures(known: Omit<KnownStats, 'stalls' | 'mime' | 'epoch'>): PlayerStats {
    const { mime, epoch } = this.media;
    return this.meter.stats({ ...known, stalls: this.starvation.count, mime, epoch });
  }

  /** Heeds an event of the video until it is closed. */
  protected on(type: string, run: () => void): void {
    this.video.addEventListener(type, run, { signal: this.#events.signal });
  }

  /** Plays, if it is wanted to; without sound, where the browser gives sound only to who has clicked. */
  protected async play(): Promise<void> {
    if (!this.wanted) return;
    try {
      await this.video.play();
    } catch (error) {
      if ((error as DOMException).name !== 'NotAllowedError') return;
      this.video.muted = true;
      await this.video.play().catch(() => this.#paused());
    }
  }

  /**
   * The browser can't go on: begins anew, and if that doesn't help, waits for something else to play.
   * @param init address of the init segment of what it can't play, where that has one and it is known.
   */
  protected recover(reason: string, init?: string): void {
    const remedy = this.recovery.afterFailure(this.playedTime.ms);
    if (remedy === 'restart') this.restart();
    if (remedy !== 'give-up') return;
    this.giveUp(init);
    detach(this.video);
    this.status.fail(mediaFailure(reason), CANNOT_PLAY);
  }

  #paused(): void {
    // Chromium pauses what has failed, which is mended.
    if (this.video.ended || this.video.error !== null || this.isPausedByBrowser) return;
    this.wanted = false;
    this.status.set({ paused: true });
    this.rest();
  }

  #measure(): void {
    this.meter.countFrames();
    if (this.video.paused || !this.started) return;
    const { stats } = this;
    this.options.listener.measured(stats);
    this.measured(stats, this.meter.measured());
  }
}
