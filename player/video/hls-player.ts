import { HlsFeed, type HlsFeedEvent } from './hls-feed';
import { hasMediaSource } from './media-source';
import type { LivePlayerOptions } from './player-listener';
import type { PlayerStats } from './player-stats';
import { SoundOutlet, type SoundPath } from './sound-outlet';
import { StreamPlayer } from './stream-player';

/** How many times a second the player looks where it is. */
const LOOKS = 1;
/** So far behind where it should be it is no longer live, seconds. */
const LIVE_REACH = 3;

/** Plays one stream in a `<video>` over HTTP: what its feed loads is kept near the live edge by hls.js or the browser, and what goes wrong is mended. */
export class HlsPlayer extends StreamPlayer {
  readonly #feed: HlsFeed;
  /** Where the video was at the look before, seconds. */
  #lookedTime = NaN;
  #jumps = 0;

  /** @param options as for the player by WebSocket: `url` is that of the watch socket. */
  constructor(options: LivePlayerOptions) {
    super(options, LOOKS);
    const { video, url, backBuffer } = options;
    this.#feed = new HlsFeed({ video, url, backBuffer, stats: () => this.stats, hear: (event) => this.#hear(event) });
    this.on('loadeddata', () => this.#begun());
    this.on('ended', () => this.#ended());
    // hls.js tells its own.
    this.on('error', () => {
      if (!hasMediaSource()) this.recover(video.error?.message ?? '');
    });
  }

  /** How far the picture is behind where it would be at the live edge, seconds. */
  get lag(): number {
    const { behind } = this.#feed;
    return this.started && behind > LIVE_REACH ? behind : 0;
  }

  get liveEdge(): number {
    return this.#feed.liveEdge;
  }

  get stats(): PlayerStats {
    return this.figures({ ...this.#feed.figures, seeks: this.#jumps, sound: this.#sound });
  }

  get #sound(): SoundPath {
    if (!this.media.hasSound) return 'none';
    // A socket's player may have led it there.
    return SoundOutlet.of(this.video).isOpen ? 'web-audio' : 'element';
  }

  seekToLive(): void {
    if (this.#feed.jump()) this.#jumps++;
  }

  override close(): void {
    this.#feed.close();
    super.close();
  }

  #hear(event: HlsFeedEvent): void {
    switch (event.type) {
      case 'attached':
        this.recovery.restarted();
        if (!event.open) return;
        this.status.set({ link: 'open' });
        // A video that gets another media source is paused by the browser.
        void this.play();
        return;
      case 'init':
        this.starvation.end();
        this.status.set({ waiting: undefined, started: false, starved: false });
        this.hear(event);
        if (event.playable) void this.play();
        return;
      case 'ended':
        this.#ended();
        return;
      case 'refused':
        this.#feed.unload();
        this.status.fail(event);
        return;
      case 'failed':
        this.recover(event.reason, event.init);
        return;
      case 'next':
        this.#beginAgain();
        return;
      default:
        this.hear(event);
    }
  }

  protected connect(): void {
    void this.#feed.load();
  }

  /** hls.js gives the browser a new media source, or it begins anew. */
  protected restart(): void {
    if (this.recovery.isRepeated || !this.#feed.recover()) this.#feed.loadAgain();
  }

  protected giveUp(init: string | undefined): void {
    this.#feed.unload();
    this.#feed.lookForNext(init);
  }

  /** There is something else to play, or somebody wants to see whether it plays now. */
  #beginAgain(): void {
    this.recovery.epochBegan();
    this.status.set({ failure: undefined });
    this.#feed.loadAgain();
  }

  #begun(): void {
    this.status.set({ started: true, ended: false, paused: !this.wanted });
    if (!this.wanted) this.#feed.pause();
  }

  protected resumed(): void {
    const wasPaused = this.started && this.status.facts.paused;
    this.wanted = true;
    this.status.set({ paused: false });
    this.open();
    if (this.#feed.looksForNext) this.#beginAgain();
    if (!wasPaused) return;
    this.#feed.resume();
    this.seekToLive();
  }

  /** Nobody pauses what is hidden. */
  protected get isPausedByBrowser(): boolean {
    return document.hidden;
  }

  protected rest(): void {
    if (this.started) this.#feed.pause();
  }

  protected starved(): void {
    if (!this.video.seeking && this.started) this.starvation.begin(performance.now());
  }

  protected fed(): void {
    if (!this.#feed.isCurrent) return;
    // So far behind, hls.js no longer hurries, and never jumps. Where somebody has gone back, that is as it should be.
    const jumps = this.starvation.end() && !this.status.facts.behind && this.lag > 0;
    this.status.set({ started: true, ended: false, starved: false, behind: this.lag > 0 && !jumps });
    if (jumps) this.seekToLive();
  }

  /** Of a stream that is over, hls.js was seen to leave out a last part of 50 ms, for which the browser waits without a word. */
  protected look(): void {
    const { currentTime, paused } = this.video;
    const stands = !paused && currentTime === this.#lookedTime;
    this.#lookedTime = currentTime;
    if (stands && this.#feed.isOver) this.#ended();
  }

  /** The stream is over: the next one of its name is looked for. */
  #ended(): void {
    if (this.started) this.#feed.wentWell();
    this.status.set({ link: 'open', ended: true, started: false });
    this.#feed.loadAgain();
  }

  protected measured(_stats: PlayerStats, due: boolean): void {
    if (due) this.#feed.report();
  }
}
