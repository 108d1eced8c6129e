import type { TrackInfo } from '../../src/protocol/watch-message';
import { Audience } from './audience';
import { EdgeFollower } from './edge-follower';
import { FeedLink } from './feed-link';
import type { FeedEvent } from './feed-message';
import { FrameWatch } from './frame-watch';
import { isFed } from './is-fed';
import { attach, detach } from './media-source';
import { PictureCover } from './picture-cover';
import { type LivePlayerOptions, mediaFailure, type PlayerFailure } from './player-listener';
import { PlayedTime } from './played-time';
import { PlayerMeter, reportOf } from './player-meter';
import { CANNOT_PLAY, type PlayerState } from './player-state';
import type { PlayerStats } from './player-stats';
import { factsOf, PlayerStatus } from './player-status';
import { Reception } from './reception';
import { Recovery } from './recovery';
import { SoundOutlet } from './sound-outlet';
import { startPlaying } from './start-playing';
import { Starvation } from './starvation';
import { type TabListener, TabWatch } from './tab-watch';

/** How often the player looks where it is, ms. */
const LOOK_INTERVAL = 100;
/** So many looks lie between two measurements, and so many of those between two reports to the relay. */
const LOOKS_A_MEASUREMENT = 10;
const MEASUREMENTS_A_REPORT = 5;
/** Who comes back to a picture this far behind sees no harm in a jump, seconds. */
const RETURN_JUMP = 0.3;

/** Plays one stream in a `<video>`: what its feed brings is kept near the live edge, and what goes wrong is mended. */
export class LivePlayer implements TabListener {
  readonly #video: HTMLVideoElement;
  readonly #options: LivePlayerOptions;
  readonly #feed: FeedLink;
  readonly #status: PlayerStatus;
  readonly #tab: TabWatch;
  readonly #frames = new FrameWatch();
  readonly #reception = new Reception();
  readonly #outlet: SoundOutlet;
  readonly #follower: EdgeFollower;
  readonly #audience: Audience;
  readonly #meter: PlayerMeter;
  readonly #cover: PictureCover;
  readonly #starvation = new Starvation();
  readonly #recovery = new Recovery();
  readonly #playedTime = new PlayedTime();
  readonly #events = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  /** Whether the page or the person wants it to play. */
  #wanted: boolean;
  /** Whether it has played since it was at the live edge: then it goes on where it was. */
  #played = false;
  #pausedAt = 0;
  /** Whether the flow was stopped because nobody sees it. */
  #asleep = false;
  #looks = 0;

  constructor(options: LivePlayerOptions) {
    const { video, autoplay, listener } = options;
    this.#video = video;
    this.#options = options;
    this.#wanted = autoplay;
    this.#outlet = SoundOutlet.of(video);
    this.#follower = new EdgeFollower({ video, reception: this.#reception, frames: this.#frames, outlet: this.#outlet, target: options.target });
    this.#audience = new Audience(video, this.#reception);
    this.#meter = new PlayerMeter(video, this.#reception);
    this.#cover = new PictureCover(this.#frames, (stale) => listener.cover(stale));
    this.#status = new PlayerStatus((state) => listener.changed(state));
    this.#feed = new FeedLink((event) => this.#hear(event));
    const { signal } = this.#events;
    const on = (type: string, run: () => void): void => video.addEventListener(type, run, { signal });
    on('play', () => this.#resumed());
    on('pause', () => this.#paused());
    on('loadedmetadata', () => this.#joinOrFollow());
    on('loadeddata', () => this.#meter.shown());
    on('playing', () => this.#fed());
    on('timeupdate', () => this.#fed());
    on('waiting', () => this.#starved());
    on('seeking', () => this.#seeking());
    on('error', () => this.#recover(video.error?.message ?? ''));
    this.#tab = new TabWatch(this);
    this.#frames.follow(video);
    this.#looking = setInterval(() => this.#look(), LOOK_INTERVAL);
  }

  get state(): PlayerState {
    return this.#status.state;
  }

  /** Type of what is published; empty before it is known. */
  get mime(): string {
    return this.#reception.mime;
  }

  get tracks(): readonly TrackInfo[] {
    return this.#reception.tracks;
  }

  /** Presentation time of the live edge, seconds; NaN before there is one. */
  get liveEdge(): number {
    return this.#reception.liveEdge;
  }

  /** How far the picture is behind where it would be at the live edge, seconds. While it is paused, that grows. */
  get lag(): number {
    const lag = this.#follower.isFollowing ? 0 : Math.max(0, this.#follower.behind);
    return this.#status.facts.paused && this.#played ? lag + (performance.now() - this.#pausedAt) / 1000 : lag;
  }

  /** Seconds from capture, or failing that from the relay, to the picture; NaN while it isn't known. */
  get latency(): number {
    return this.#status.facts.started ? this.#reception.latencyAt(this.#video.currentTime) : NaN;
  }

  get stats(): PlayerStats {
    return this.#meter.stats({
      latency: this.latency,
      target: this.#follower.target,
      stalls: this.#starvation.count,
      seeks: this.#follower.jumps,
      feed: this.#feed.inWorker ? 'worker' : 'page',
      sound: this.#follower.sound,
    });
  }

  /** Connects, if it hasn't yet. */
  open(): void {
    if (this.#status.facts.link !== 'none') return;
    this.#status.set({ link: 'opening' });
    this.#meter.opened();
    this.#feed.send({ type: 'open', url: this.#options.url.href, backBuffer: this.#options.backBuffer });
  }

  /** Goes to the live edge, and stays there. */
  seekToLive(): void {
    this.#follow(true);
    if (this.#status.facts.started) this.#follower.jump();
  }

  /** Ends it for good, and leaves the video empty. May be called twice. */
  close(): void {
    this.#events.abort();
    this.#tab.close();
    this.#frames.close();
    clearInterval(this.#looking);
    this.#feed.close();
    this.#video.playbackRate = 1;
    this.#cover.uncover();
    detach(this.#video);
  }

  hidden(): void {
    if (this.#audience.isInPage && this.#reception.hasPicture && this.#wanted) this.#cover.cover();
    this.#frames.forget();
  }

  hiddenForLong(): void {
    if (!this.#audience.isSilent || !this.#wanted || !this.#audience.isInPage || !this.#status.facts.started) return;
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
    if (this.#wanted && this.#video.paused && this.#status.facts.started && !this.#follower.isJoining) void this.#play();
    this.#cover.uncoverFrom(this.#follower.heading);
  }

  networkChanged(): void {
    this.#feed.send({ type: 'check' });
  }

  #hear(event: FeedEvent): void {
    this.#follower.noticeBlock();
    this.#reception.hear(event);
    this.#status.set(factsOf(event, this.#status.facts));
    switch (event.type) {
      case 'source':
        this.#recovery.restarted();
        this.#starvation.end();
        this.#frames.forget();
        attach(this.#video, event.attachment);
        return;
      case 'blocked':
        this.#options.listener.blocked();
        return;
      case 'init':
        this.#recovery.epochBegan();
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
        this.#meter.skipped();
        this.#options.listener.skipped(event.from, event.to);
        return;
      case 'ended':
        this.#cover.uncover();
        return;
      case 'refused':
        this.#refused(event);
        return;
      case 'failed':
        this.#recover(event.reason);
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
    if (this.#starvation.mediaCame(performance.now(), this.#follower.isJoining)) this.#follower.ranDry();
    this.#steer();
  }

  #follow(following: boolean): void {
    this.#follower.follow(following);
    this.#played = false;
    this.#status.set({ behind: !following });
  }

  #joinOrFollow(): void {
    if (this.#follower.isJoining) this.#join();
    else this.#steer();
  }

  #join(): void {
    if (!this.#follower.join()) return;
    this.#status.set({ started: true, paused: !this.#wanted });
    if (this.#wanted) void this.#play();
    else this.#feed.send({ type: 'pause' });
    if (!document.hidden) this.#cover.uncoverFrom(this.#follower.heading);
  }

  #play(): Promise<void> {
    return startPlaying(this.#video, () => this.#paused());
  }

  #look(): void {
    this.#playedTime.look(performance.now(), this.#video.currentTime);
    this.#follower.noticeBlock();
    this.#follower.leaveGap();
    this.#steer();
    this.#noticePastPicture();
    const starved = this.#starvation.lasts(performance.now());
    if (starved !== this.#status.facts.starved) this.#status.set({ starved });
    this.#thaw();
    this.#leadSound();
    if (++this.#looks % LOOKS_A_MEASUREMENT === 0) this.#measure();
  }

  /** Such a video is as one that waits for media: its picture isn't frozen. */
  #noticePastPicture(): void {
    if (!this.#follower.isPastPicture) return;
    this.#frames.forget();
    this.#starved();
  }

  #measure(): void {
    const video = this.#video;
    this.#meter.countFrames();
    if (video.paused || !this.#status.facts.started) return;
    this.#feed.send({ type: 'playhead', time: video.currentTime });
    const { stats } = this;
    this.#options.listener.measured(stats);
    if (this.#looks % (LOOKS_A_MEASUREMENT * MEASUREMENTS_A_REPORT) === 0) this.#feed.send({ type: 'report', report: reportOf(stats) });
  }

  #leadSound(): void {
    const isHeard = this.#status.facts.started && !this.#video.paused && !this.#audience.isSilent;
    if (isHeard && this.#options.webAudio && this.#outlet.tryOpen()) this.#follower.heedSound();
  }

  #steer(): void {
    if (this.#status.facts.started) this.#follower.steer();
  }

  /** Somebody else has moved the video: it follows the live edge from now on, or it doesn't. */
  #seeking(): void {
    if (this.#follower.takeOwnSeek() || !this.#status.facts.started) return;
    this.#frames.forget();
    this.#follow(this.#follower.isNear);
  }

  #resumed(): void {
    this.#wanted = true;
    if (this.#status.facts.failure !== undefined) {
      this.#restart();
      return;
    }
    const resume = this.#played;
    if (this.#status.facts.started && resume) this.#follow(false);
    this.#status.set({ paused: false });
    this.open();
    if (!this.#asleep) this.#feed.send({ type: 'play', resume });
    this.#played = true;
  }

  #paused(): void {
    // Chromium pauses what has failed, which is mended; and what nobody sees or hears, and goes on with that by itself.
    if (this.#video.ended || this.#video.error !== null || (document.hidden && this.#audience.isSilent && this.#audience.isInPage)) return;
    this.#wanted = false;
    this.#pausedAt = performance.now();
    this.#cover.uncover();
    this.#status.set({ paused: true });
    if (this.#status.facts.started) this.#feed.send({ type: 'pause' });
  }

  #starved(): void {
    if (this.#video.seeking || !this.#starvation.begin(performance.now())) return;
    // Who was behind has caught up with what there is.
    if (!this.#follower.isFollowing && this.#follower.isNear) this.#follow(true);
  }

  #fed(): void {
    if (!isFed(this.#video) || this.#follower.isPastPicture) return;
    this.#played = true;
    this.#starvation.end();
    if (this.#status.facts.starved) this.#status.set({ starved: false });
  }

  /** Finds a picture that stands while time goes on, and mends it. */
  #thaw(): void {
    const video = this.#video;
    const { flow, hasPicture } = this.#reception;
    if (document.hidden || video.paused || video.seeking || this.#follower.isJoining || !hasPicture || flow === undefined) return;
    const { totalVideoFrames: decoded } = video.getVideoPlaybackQuality();
    if (!this.#frames.isFrozen({ position: video.currentTime, decoded, pace: flow.pace })) return;
    if (this.#recovery.afterFreeze(this.#playedTime.ms) === 'restart') this.#restart();
    else this.seekToLive();
  }

  /** Begins anew, with a media source of its own; if that doesn't help, it waits for something else to play. */
  #recover(reason: string): void {
    const remedy = this.#recovery.afterFailure(this.#playedTime.ms);
    if (remedy === 'restart') this.#restart();
    if (remedy !== 'give-up') return;
    this.#feed.send({ type: 'skip-epoch', epoch: this.#reception.epoch });
    this.#cover.uncover();
    detach(this.#video);
    this.#failed(mediaFailure(reason), CANNOT_PLAY);
  }

  #restart(): void {
    this.#feed.send({ type: 'restart' });
  }

  /** The relay refuses for good. */
  #refused(failure: PlayerFailure): void {
    this.#recovery.stop();
    this.#feed.close();
    this.#failed(failure, failure.message);
  }

  /** @param text what a person is told. */
  #failed(failure: PlayerFailure, text: string): void {
    this.#status.set({ started: false, failure: text });
    this.#options.listener.failed(failure);
  }
}
