import { Audience } from './audience';
import { EdgeFollower } from './edge-follower';
import { FeedLink } from './feed-link';
import type { FeedEvent } from './feed-message';
import { FrameWatch } from './frame-watch';
import { attach } from './media-source';
import { PictureCover } from './picture-cover';
import type { LivePlayerOptions } from './player-listener';
import { reportOf } from './player-meter';
import type { PlayerStats } from './player-stats';
import { SoundOutlet } from './sound-outlet';
import { StreamPlayer } from './stream-player';
import { type TabListener, TabWatch } from './tab-watch';

/** How many times a second the player looks where it is. */
const LOOKS = 10;
/** Who comes back to a picture this far behind sees no harm in a jump, seconds. */
const RETURN_JUMP = 0.3;

/** Plays one stream in a `<video>` over a WebSocket: what its feed brings is kept near the live edge, and what goes wrong is mended. */
export class LivePlayer extends StreamPlayer implements TabListener {
  readonly #feed: FeedLink;
  readonly #tab: TabWatch;
  readonly #frames = new FrameWatch();
  readonly #outlet: SoundOutlet;
  readonly #follower: EdgeFollower;
  readonly #audience: Audience;
  readonly #cover: PictureCover;
  /** Whether it has played since it was at the live edge: then it goes on where it was. */
  #played = false;
  #pausedAt = 0;
  /** Whether the flow was stopped because nobody sees it. */
  #asleep = false;

  constructor(options: LivePlayerOptions) {
    super(options, LOOKS);
    const { video, listener } = options;
    this.#outlet = SoundOutlet.of(video);
    this.#follower = new EdgeFollower({ video, reception: this.media, frames: this.#frames, outlet: this.#outlet, target: options.target });
    this.#audience = new Audience(video, this.media);
    this.#cover = new PictureCover(this.#frames, (stale) => listener.cover(stale));
    this.#feed = new FeedLink((event) => this.#hear(event));
    this.on('loadedmetadata', () => this.#joinOrFollow());
    this.on('seeking', () => this.#seeking());
    this.on('error', () => this.recover(video.error?.message ?? ''));
    this.#tab = new TabWatch(this);
    this.#frames.follow(video);
  }

  /** How far the picture is behind where it would be at the live edge, seconds. While it is paused, that grows. */
  get lag(): number {
    const lag = this.#follower.isFollowing ? 0 : Math.max(0, this.#follower.behind);
    return this.status.facts.paused && this.#played ? lag + (performance.now() - this.#pausedAt) / 1000 : lag;
  }

  get liveEdge(): number {
    return this.media.liveEdge;
  }

  get stats(): PlayerStats {
    const { liveEdge, bitrate } = this.media;
    return this.figures({
      latency: this.started ? this.media.latencyAt(this.video.currentTime) : NaN,
      buffer: Math.max(0, liveEdge - this.video.currentTime),
      target: this.#follower.target,
      seeks: this.#follower.jumps,
      feed: this.#feed.inWorker ? 'worker' : 'page',
      sound: this.#follower.sound,
      bitrate,
    });
  }

  /** Goes to the live edge, and stays there. */
  seekToLive(): void {
    this.#follow(true);
    if (this.started) this.#follower.jump();
  }

  override close(): void {
    this.#tab.close();
    this.#frames.close();
    this.#feed.close();
    this.#cover.uncover();
    super.close();
  }

  hidden(): void {
    if (this.#audience.isInPage && this.media.hasPicture && this.wanted) this.#cover.cover();
    this.#frames.forget();
  }

  hiddenForLong(): void {
    if (!this.#audience.isSilent || !this.wanted || !this.#audience.isInPage || !this.started) return;
    this.#asleep = true;
    this.#feed.send({ type: 'pause' });
  }

  shown(): void {
    this.#feed.send({ type: 'check' });
    if (this.#asleep) {
      this.#asleep = false;
      this.#follower.joinSoon();
      this.#follow(true);
      this.#feed.send({ type: 'play', resume: false });
      return;
    }
    if (this.#follower.isFollowing && this.#follower.behind > RETURN_JUMP) this.seekToLive();
    if (this.wanted && this.video.paused && this.started && !this.#follower.isJoining) void this.play();
    this.#cover.uncoverFrom(this.#follower.heading);
  }

  networkChanged(): void {
    this.#feed.send({ type: 'check' });
  }

  #hear(event: FeedEvent): void {
    this.#follower.noticeBlock();
    this.hear(event);
    switch (event.type) {
      case 'source':
        this.recovery.restarted();
        this.starvation.end();
        this.#frames.forget();
        attach(this.video, event.attachment);
        return;
      case 'blocked':
        this.options.listener.blocked();
        return;
      case 'init':
        this.recovery.epochBegan();
        this.#follower.joinSoon();
        this.#follow(true);
        return;
      case 'media':
        this.#heardMedia();
        return;
      case 'flow':
        this.#joinOrFollow();
        return;
      case 'skip':
        this.meter.skipped();
        this.options.listener.skipped(event.from, event.to);
        return;
      case 'ended':
        this.#cover.uncover();
        return;
      case 'refused':
        this.recovery.stop();
        this.#feed.close();
        this.status.fail(event);
        return;
      case 'failed':
        this.recover(event.reason);
        return;
      case 'ready':
      case 'connecting':
      case 'resumed':
      case 'waiting':
      case 'clock':
        return;
      default:
        event satisfies never;
    }
  }

  /** Media that comes late over a network that trembles teaches to hold more from now on. */
  #heardMedia(): void {
    if (this.starvation.mediaCame(performance.now(), this.#follower.isJoining)) this.#follower.ranDry();
    this.#steer();
  }

  #follow(following: boolean): void {
    this.#follower.follow(following);
    this.#played = false;
    this.status.set({ behind: !following });
  }

  #joinOrFollow(): void {
    if (this.#follower.isJoining) this.#join();
    else this.#steer();
  }

  #join(): void {
    if (!this.#follower.join()) return;
    this.status.set({ started: true, paused: !this.wanted });
    if (this.wanted) void this.play();
    else this.#feed.send({ type: 'pause' });
    if (!document.hidden) this.#cover.uncoverFrom(this.#follower.heading);
  }

  protected look(): void {
    this.#follower.noticeBlock();
    this.#follower.leaveGap();
    this.#steer();
    this.#noticePastPicture();
    this.#thaw();
    this.#leadSound();
  }

  /** Such a video is as one that waits for media: its picture isn't frozen. */
  #noticePastPicture(): void {
    if (!this.#follower.isPastPicture) return;
    this.#frames.forget();
    this.starved();
  }

  protected measured(stats: PlayerStats, due: boolean): void {
    this.#feed.send({ type: 'playhead', time: this.video.currentTime });
    if (due) this.#feed.send({ type: 'report', report: reportOf(stats) });
  }

  #leadSound(): void {
    const isHeard = this.started && !this.video.paused && !this.#audience.isSilent;
    if (isHeard && this.options.webAudio && this.#outlet.tryOpen()) this.#follower.heedSound();
  }

  #steer(): void {
    if (this.started) this.#follower.steer();
  }

  /** Somebody else has moved the video: it follows the live edge from now on, or it doesn't. */
  #seeking(): void {
    if (this.#follower.takeOwnSeek() || !this.started) return;
    this.#frames.forget();
    this.#follow(this.#follower.isNear);
  }

  protected resumed(): void {
    this.wanted = true;
    if (this.status.facts.failure !== undefined) {
      this.restart();
      return;
    }
    const resume = this.#played;
    if (this.started && resume) this.#follow(false);
    this.status.set({ paused: false });
    this.open();
    if (!this.#asleep) this.#feed.send({ type: 'play', resume });
    this.#played = true;
  }

  /** Chromium does with what nobody sees or hears, and goes on with that by itself. */
  protected get isPausedByBrowser(): boolean {
    return document.hidden && this.#audience.isSilent && this.#audience.isInPage;
  }

  protected rest(): void {
    this.#pausedAt = performance.now();
    this.#cover.uncover();
    if (this.started) this.#feed.send({ type: 'pause' });
  }

  protected starved(): void {
    if (this.video.seeking || !this.starvation.begin(performance.now())) return;
    // Who was behind has caught up with what there is.
    if (!this.#follower.isFollowing && this.#follower.isNear) this.#follow(true);
  }

  protected fed(): void {
    if (this.#follower.isPastPicture) return;
    this.#played = true;
    this.starvation.end();
    this.status.set({ starved: false });
  }

  /** Finds a picture that stands while time goes on, and mends it. */
  #thaw(): void {
    const video = this.video;
    const { flow, hasPicture } = this.media;
    if (document.hidden || video.paused || video.seeking || this.#follower.isJoining || !hasPicture || flow === undefined) return;
    const { totalVideoFrames: decoded } = video.getVideoPlaybackQuality();
    if (!this.#frames.isFrozen({ position: video.currentTime, decoded, pace: flow.pace })) return;
    if (this.recovery.afterFreeze(this.playedTime.ms) === 'restart') this.restart();
    else this.seekToLive();
  }

  protected connect(): void {
    this.#feed.send({ type: 'open', url: this.options.url.href, backBuffer: this.options.backBuffer });
  }

  protected restart(): void {
    this.#feed.send({ type: 'restart' });
  }

  protected giveUp(): void {
    this.#feed.send({ type: 'skip-epoch', epoch: this.media.epoch });
    this.#cover.uncover();
  }
}
