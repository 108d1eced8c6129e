import type { TrackInfo } from '../../src/protocol/watch-message';
import { FeedLink } from './feed-link';
import type { FeedEvent, Flow } from './feed-message';
import { FrameWatch } from './frame-watch';
import { type Advice, LatencyController, type PlayerView, SMALL_STEP } from './latency-controller';
import { attach, detach } from './media-source';
import type { PlayerState } from './player-state';
import { type PlayerStats, RateMeter } from './player-stats';
import { PlayerStatus } from './player-status';
import { startPlaying } from './start-playing';
import { type TabListener, TabWatch } from './tab-watch';

/** Why a player has given up. */
export interface PlayerFailure {
  /** One of docs/errors.md, or `media-failed`. */
  readonly code: string;
  readonly message: string;
}

/** What the player tells its element. */
export interface LivePlayerListener {
  /** The state is another. */
  changed(state: PlayerState): void;
  /** About once a second while it plays. */
  measured(stats: PlayerStats): void;
  /** Media from one time to another, in seconds, isn't shown. */
  skipped(from: number, to: number): void;
  failed(failure: PlayerFailure): void;
  /** No WebSocket seems to reach the relay. */
  blocked(): void;
  /** The picture is stale, and better not seen; or it is fresh again. */
  cover(stale: boolean): void;
}

export interface LivePlayerOptions {
  readonly video: HTMLVideoElement;
  /** Address of the watch socket. */
  readonly url: URL;
  /** Whether it begins to play by itself. */
  readonly autoplay: boolean;
  /** How much media to hold ahead, seconds; undefined: as little as can be. */
  readonly target: number | undefined;
  /** How much is kept of what was played, seconds. */
  readonly backBuffer: number;
  readonly listener: LivePlayerListener;
}

/** How often the player looks where it is, ms. */
const LOOK_INTERVAL = 100;
/** So many looks lie between two measurements, and so many of those between two reports to the relay. */
const LOOKS_A_MEASUREMENT = 10;
const MEASUREMENTS_A_REPORT = 5;
/** A page in which nothing ran for so long was blocked, ms: what has piled up meanwhile is told in this time, and isn't heeded. */
const BLOCKED = 400;
const CATCH_UP = 200;
/** How long it may be without media before that is told, ms. */
const STALL_PATIENCE = 500;
/** A pause in the flow that is longer has other causes than a network that trembles, ms. */
const LONG_SILENCE = 3_000;
/** A position this close before media counts as in it, seconds. */
const TOLERANCE = 0.01;
/** So close before a gap there is nothing more to wait for: this, or a frame's time, seconds. */
const GAP_REACH = 0.1;
const MAX_GAP_REACH = 1;
/** Whoever seeks closer to the live edge than this wants to follow it, seconds. */
const LIVE_REACH = 1;
/** Who comes back to a picture this far behind sees no harm in a jump, seconds. */
const RETURN_JUMP = 0.3;
/** A frame this much older than the position is still fresh, seconds; after so many ms any is. */
const FRESH = 0.5;
const COVER_PATIENCE = 1_000;
/** So many failures within this time are too many, ms. */
const MAX_FAILURES = 3;
const FAILURE_MEMORY = 60_000;

/** Plays one stream in a `<video>`: what its feed brings is kept near the live edge, and what goes wrong is mended. */
export class LivePlayer implements TabListener {
  readonly #video: HTMLVideoElement;
  readonly #options: LivePlayerOptions;
  readonly #feed: FeedLink;
  readonly #status: PlayerStatus;
  readonly #tab: TabWatch;
  readonly #frames = new FrameWatch();
  readonly #events = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  readonly #bytes = new RateMeter();
  readonly #decoded = new RateMeter();
  #controller: LatencyController;
  #flow: Flow | undefined;
  /** The page's clock minus the feed's, seconds: the least that a message has shown. */
  #clockOffset = Infinity;
  #clock: { readonly time: number; readonly wall: number } | undefined;
  #mime = '';
  #epoch = '';
  #tracks: readonly TrackInfo[] = [];
  /** Whether the video has to go to the live edge with the next media. */
  #joining = false;
  /** Whether the page or the person wants it to play. */
  #wanted: boolean;
  /** Whether it has played since it was at the live edge: then it goes on where it was. */
  #played = false;
  /** Whether it stays at the live edge. */
  #following = true;
  /** Where it is going by itself. */
  #goingTo: number | undefined;
  /** Whether the flow was stopped because nobody sees it. */
  #asleep = false;
  #starvedAt: number | undefined;
  #lastMediaAt = 0;
  #looks = 0;
  #awakeAt = performance.now();
  #heedsFrom = 0;
  #failures: number[] = [];
  #frozenAt = -Infinity;
  #recovering = false;
  #counts = { stalls: 0, skips: 0, seeks: 0 };

  constructor(options: LivePlayerOptions) {
    const { video, autoplay, listener } = options;
    this.#video = video;
    this.#options = options;
    this.#wanted = autoplay;
    this.#controller = this.#makeController(true);
    this.#status = new PlayerStatus((state) => listener.changed(state));
    this.#feed = new FeedLink((event) => this.#hear(event));
    const { signal } = this.#events;
    const on = (type: string, run: () => void): void => video.addEventListener(type, run, { signal });
    on('play', () => this.#resumed());
    on('pause', () => this.#paused());
    on('loadedmetadata', () => this.#joinOrFollow());
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
    return this.#mime;
  }

  get tracks(): readonly TrackInfo[] {
    return this.#tracks;
  }

  /** Presentation time of the live edge, seconds; NaN before there is one. */
  get liveEdge(): number {
    return this.#flow?.edge ?? NaN;
  }

  /** How far the picture is behind where it would be at the live edge, seconds. */
  get lag(): number {
    const lag = this.liveEdge - this.#controller.target - this.#video.currentTime;
    return this.#following ? 0 : Math.max(0, lag);
  }

  /** Seconds from capture, or failing that from the relay, to the picture; NaN while it isn't known. */
  get latency(): number {
    if (this.#clock === undefined || !this.#status.facts.started) return NaN;
    return (Date.now() - this.#clock.wall) / 1000 + this.#clock.time - this.#video.currentTime;
  }

  get stats(): PlayerStats {
    const { totalVideoFrames, droppedVideoFrames } = this.#video.getVideoPlaybackQuality();
    return {
      latency: this.latency,
      buffer: Math.max(0, this.liveEdge - this.#video.currentTime),
      target: this.#controller.target,
      rate: this.#video.playbackRate,
      bitrate: this.#bytes.perSecond * 8,
      frameRate: this.#decoded.perSecond,
      dropped: droppedVideoFrames,
      frames: totalVideoFrames,
      ...this.#counts,
      feed: this.#feed.inWorker ? 'worker' : 'page',
      mime: this.#mime,
      epoch: this.#epoch,
      width: this.#video.videoWidth,
      height: this.#video.videoHeight,
    };
  }

  /** Connects, if it hasn't yet. */
  open(): void {
    if (this.#status.facts.link !== 'none') return;
    this.#status.set({ link: 'opening' });
    this.#feed.send({ type: 'open', url: this.#options.url.href, backBuffer: this.#options.backBuffer });
  }

  /** Goes to the live edge, and stays there. */
  seekToLive(): void {
    this.#follow(true);
    const view = this.#view();
    if (view !== undefined && this.#status.facts.started) this.#seek(this.#controller.start(view));
  }

  /** Ends it for good, and leaves the video empty. May be called twice. */
  close(): void {
    this.#events.abort();
    this.#tab.close();
    this.#frames.close();
    clearInterval(this.#looking);
    this.#feed.close();
    this.#video.playbackRate = 1;
    this.#cover(false);
    detach(this.#video);
  }

  hidden(): void {
    if (this.#isSeen && this.#hasPicture && this.#wanted) this.#cover(true);
    this.#frames.forget();
  }

  hiddenForLong(): void {
    if (!this.#isSilent || !this.#wanted || !this.#isSeen || !this.#status.facts.started) return;
    this.#asleep = true;
    this.#feed.send({ type: 'pause' });
  }

  shown(): void {
    this.#feed.send({ type: 'check' });
    if (this.#asleep) {
      this.#asleep = false;
      this.#joining = true;
      this.#follow(true);
      this.#feed.send({ type: 'play', resume: false });
      return;
    }
    const behind = this.liveEdge - this.#video.currentTime - this.#controller.target;
    if (this.#following && behind > RETURN_JUMP) this.seekToLive();
    if (this.#wanted && this.#video.paused && this.#status.facts.started && !this.#joining) void this.#play();
    this.#uncoverSoon();
  }

  networkChanged(): void {
    this.#feed.send({ type: 'check' });
  }

  #hear(event: FeedEvent): void {
    this.#noticeBlock();
    switch (event.type) {
      case 'ready':
        return;
      case 'source':
        this.#begin();
        attach(this.#video, event.attachment);
        return;
      case 'connecting': {
        const { link } = this.#status.facts;
        this.#status.set({ link: link === 'open' || link === 'lost' ? 'lost' : 'opening' });
        return;
      }
      case 'blocked':
        this.#options.listener.blocked();
        return;
      case 'init':
        this.#heardInit(event);
        return;
      case 'resumed':
        this.#status.set({ link: 'open', waiting: undefined });
        return;
      case 'media':
        this.#status.set({ waiting: undefined });
        this.#learnFromSilence();
        this.#steer();
        return;
      case 'flow':
        this.#heardFlow(event.flow);
        return;
      case 'waiting':
        this.#status.set({ link: 'open', waiting: event.reason });
        return;
      case 'clock':
        this.#clock = event;
        return;
      case 'skip':
        this.#counts.skips++;
        this.#options.listener.skipped(event.from, event.to);
        return;
      case 'ended':
        this.#flow = undefined;
        this.#cover(false);
        this.#status.set({ ended: true, started: false });
        return;
      case 'refused':
        this.#fail(event);
        return;
      case 'failed':
        this.#recover(event.reason);
        return;
      default:
        event satisfies never;
    }
  }

  /** A media source of its own begins, and is empty. */
  #begin(): void {
    this.#recovering = false;
    this.#flow = undefined;
    this.#starvedAt = undefined;
    this.#clock = undefined;
    this.#frames.forget();
    this.#status.set({ started: false, starved: false });
  }

  #heardInit({ epoch, mime, tracks, playable }: Extract<FeedEvent, { type: 'init' }>): void {
    const had = this.#hasSound;
    this.#epoch = epoch;
    this.#mime = mime;
    this.#tracks = tracks;
    this.#clock = undefined;
    this.#status.set({ link: 'open', ended: false, soundOnly: !this.#hasPicture, unsupported: playable ? undefined : mime });
    if (this.#hasSound !== had) this.#controller = this.#makeController(this.#hasSound);
    this.#joining = true;
    this.#follow(true);
  }

  #heardFlow(flow: Flow): void {
    this.#flow = flow;
    const now = performance.now();
    this.#clockOffset = Math.min(this.#clockOffset, now / 1000 - flow.now);
    this.#bytes.count(now, flow.bytes);
    this.#joinOrFollow();
  }

  #makeController(sound: boolean): LatencyController {
    return new LatencyController({ sound, target: this.#options.target });
  }

  get #hasSound(): boolean {
    return this.#tracks.some(({ kind }) => kind === 'audio');
  }

  get #hasPicture(): boolean {
    return this.#tracks.some(({ kind }) => kind === 'video');
  }

  /** Whether nobody would hear it. */
  get #isSilent(): boolean {
    return !this.#hasSound || this.#video.muted || this.#video.volume === 0;
  }

  /** Whether it is seen only in this page. */
  get #isSeen(): boolean {
    return document.pictureInPictureElement === null || !this.#video.matches(':picture-in-picture');
  }

  #follow(following: boolean): void {
    this.#following = following;
    this.#played = false;
    this.#status.set({ behind: !following });
    this.#controller.forget(performance.now() / 1000);
    if (!following) this.#setRate(1);
  }

  #joinOrFollow(): void {
    if (this.#joining) this.#join();
    else this.#steer();
  }

  /** Goes to the live edge before anything is shown: the first frame of the cached GOP is old. */
  #join(): void {
    const flow = this.#flow;
    const { buffered } = this.#video;
    if (flow === undefined || buffered.length === 0 || this.#video.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    const last = buffered.length - 1;
    if (buffered.end(last) <= flow.start) return;
    const view = this.#view();
    if (view === undefined) return;
    this.#joining = false;
    this.#seek(this.#controller.start({ ...view, from: buffered.start(last) }));
    this.#status.set({ started: true, paused: !this.#wanted });
    if (this.#wanted) void this.#play();
    else this.#feed.send({ type: 'pause' });
    if (!document.hidden) this.#uncoverSoon();
  }

  #play(): Promise<void> {
    return startPlaying(this.#video, () => this.#paused());
  }

  #view(): PlayerView | undefined {
    const flow = this.#flow;
    if (flow === undefined) return undefined;
    const { currentTime: position } = this.#video;
    const arrivals = flow.arrivals && { ...flow.arrivals, lateness: flow.arrivals.lateness + this.#clockOffset };
    return { position, edge: flow.edge, from: this.#rangeStart(position), arrivals, now: performance.now() / 1000 };
  }

  #look(): void {
    this.#noticeBlock();
    this.#leaveGap();
    this.#steer();
    const starved = this.#starvedAt !== undefined && performance.now() - this.#starvedAt > STALL_PATIENCE;
    if (starved !== this.#status.facts.starved) this.#status.set({ starved });
    this.#thaw();
    if (++this.#looks % LOOKS_A_MEASUREMENT === 0) this.#measure();
  }

  #measure(): void {
    const video = this.#video;
    this.#decoded.count(performance.now(), video.getVideoPlaybackQuality().totalVideoFrames);
    if (video.paused || !this.#status.facts.started) return;
    this.#feed.send({ type: 'playhead', time: video.currentTime });
    const { stats } = this;
    this.#options.listener.measured(stats);
    if (this.#looks % (LOOKS_A_MEASUREMENT * MEASUREMENTS_A_REPORT) !== 0) return;
    const { latency, buffer, target, rate, stalls, skips, dropped, bitrate } = stats;
    const known = { ...(Number.isNaN(latency) ? {} : { latency }), bitrate: Number.isNaN(bitrate) ? 0 : bitrate };
    this.#feed.send({ type: 'report', report: { buffer, target, rate, stalls, skips, dropped, ...known } });
  }

  /** After the page was blocked, what its feed has told is old: judged by that, the video would be far beyond the live edge. */
  #noticeBlock(): void {
    const now = performance.now();
    if (now - this.#awakeAt > BLOCKED) {
      this.#heedsFrom = now + CATCH_UP;
      this.#controller.forget(now / 1000);
    }
    this.#awakeAt = now;
  }

  /** Keeps the video where it should be. */
  #steer(): void {
    const video = this.#video;
    if (this.#joining || video.paused || video.seeking || !this.#status.facts.started || performance.now() < this.#heedsFrom) return;
    const view = this.#view();
    if (view === undefined) return;
    const { seek, rate }: Advice = this.#following ? this.#controller.advise(view) : { rate: 1, ...jumpGap(view) };
    this.#setRate(rate);
    if (seek === undefined) return;
    this.#counts.seeks++;
    this.#seek(seek);
  }

  /** Where media was removed or left out under a seek, the video would wait for ever. */
  #leaveGap(): void {
    const { seeking, currentTime } = this.#video;
    const from = seeking && !this.#joining ? this.#rangeStart(currentTime) : undefined;
    if (from !== undefined && from > currentTime) this.#seek(from);
  }

  #setRate(rate: number): void {
    if (Math.abs(this.#video.playbackRate - rate) < 0.001) return;
    this.#video.preservesPitch = Math.abs(rate - 1) > SMALL_STEP + 0.001;
    this.#video.playbackRate = rate;
  }

  /** Goes there, or to the media next behind it: in a gap, a video waits for ever. */
  #seek(wanted: number): void {
    const time = Math.max(wanted, this.#rangeStart(wanted) ?? wanted);
    // A little into the media: a position that is rounded down would be before it.
    this.#goingTo = time + 0.001;
    this.#video.currentTime = this.#goingTo;
    this.#frames.forget();
  }

  /** Where the media begins that is at `position`, or else next behind it: before a gap, the video stands still a little early. */
  #rangeStart(position: number): number | undefined {
    const { buffered } = this.#video;
    const reach = Math.min(MAX_GAP_REACH, Math.max(GAP_REACH, this.#flow?.pace ?? 0));
    for (let i = 0; i < buffered.length; i++) {
      const isLast = i === buffered.length - 1;
      if (buffered.end(i) > position + (isLast ? 0 : reach)) return buffered.start(i) - position > TOLERANCE ? buffered.start(i) : Math.min(buffered.start(i), position);
    }
    return undefined;
  }

  /** Somebody else has moved the video: it follows the live edge from now on, or it doesn't. */
  #seeking(): void {
    const { currentTime } = this.#video;
    const own = this.#goingTo !== undefined && Math.abs(currentTime - this.#goingTo) < TOLERANCE;
    this.#goingTo = undefined;
    if (own || !this.#status.facts.started) return;
    this.#frames.forget();
    this.#follow(currentTime > this.liveEdge - this.#controller.target - LIVE_REACH);
  }

  #resumed(): void {
    this.#wanted = true;
    const resume = this.#played;
    if (this.#status.facts.started && resume) this.#follow(false);
    this.#status.set({ paused: false });
    this.open();
    if (!this.#asleep) this.#feed.send({ type: 'play', resume });
    this.#played = true;
  }

  #paused(): void {
    // Chromium pauses what nobody sees or hears, and goes on with it by itself.
    if (this.#video.ended || (document.hidden && this.#isSilent && this.#isSeen)) return;
    this.#wanted = false;
    this.#cover(false);
    this.#status.set({ paused: true });
    if (this.#status.facts.started) this.#feed.send({ type: 'pause' });
  }

  #starved(): void {
    if (this.#video.seeking || this.#starvedAt !== undefined) return;
    this.#starvedAt = performance.now();
    this.#counts.stalls++;
    // Who was behind has caught up with what there is.
    if (!this.#following && this.lag < LIVE_REACH) this.#follow(true);
  }

  #fed(): void {
    if (this.#video.seeking || this.#video.paused) return;
    this.#played = true;
    this.#starvedAt = undefined;
    if (this.#status.facts.starved) this.#status.set({ starved: false });
  }

  /** Media that comes late, but soon, has come over a network that trembles: more is held from now on. */
  #learnFromSilence(): void {
    const now = performance.now();
    const silence = now - this.#lastMediaAt;
    this.#lastMediaAt = now;
    if (this.#starvedAt === undefined || this.#joining) return;
    if (silence < LONG_SILENCE) this.#controller.ranDry(now / 1000);
    this.#starvedAt = undefined;
  }

  /** Finds a picture that stands while time goes on, and mends it: by a seek, and if that doesn't help, by a new media source. */
  #thaw(): void {
    const video = this.#video;
    if (document.hidden || video.paused || video.seeking || this.#joining || !this.#hasPicture || this.#flow === undefined) return;
    const { totalVideoFrames: decoded } = video.getVideoPlaybackQuality();
    if (!this.#frames.isFrozen({ position: video.currentTime, decoded, pace: this.#flow.pace })) return;
    const now = performance.now();
    const again = now - this.#frozenAt < FAILURE_MEMORY;
    this.#frozenAt = again ? -Infinity : now;
    if (again) this.#restart();
    else this.seekToLive();
  }

  #cover(stale: boolean): void {
    this.#options.listener.cover(stale);
  }

  /** Uncovers the picture once it is fresh, or when that takes too long. */
  #uncoverSoon(): void {
    const uncover = (): void => {
      clearTimeout(late);
      if (!document.hidden) this.#cover(false);
    };
    const late = setTimeout(uncover, COVER_PATIENCE);
    this.#frames.onceFrom((this.#goingTo ?? this.#video.currentTime) - FRESH, uncover);
  }

  /** Begins anew, with a media source of its own; gives up if that doesn't help. */
  #recover(reason: string): void {
    // One failure is told by the video and by its buffer.
    if (this.#recovering) return;
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => now - at < FAILURE_MEMORY), now];
    if (this.#failures.length < MAX_FAILURES) this.#restart();
    else this.#fail({ code: 'media-failed', message: `This browser can't play the stream${reason === '' ? '' : `: ${reason}`}` });
  }

  #restart(): void {
    this.#recovering = true;
    this.#feed.send({ type: 'restart' });
  }

  #fail({ code, message }: PlayerFailure): void {
    this.#recovering = true;
    this.#feed.close();
    this.#status.set({ started: false, failure: message });
    this.#options.listener.failed({ code, message });
  }
}

/** Where to go if there is nothing at the position, but something behind it. */
function jumpGap({ position, from }: PlayerView): { seek?: number } {
  return from !== undefined && from > position ? { seek: from } : {};
}
