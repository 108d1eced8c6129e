import type { ErrorEvent, TrackInfo, WaitingReason } from '../../src/protocol/watch-message';
import { EpochMedia } from './epoch-media';
import { LiveFollower } from './live-follower';
import { MediaBuffer } from './media-buffer';
import { canPlay } from './media-source';
import type { PlayerState } from './player-state';
import { PlayerStatus } from './player-status';
import { type InitEvent, WatchConnection, type WatchListener } from './watch-connection';

export interface LivePlayerOptions {
  readonly video: HTMLVideoElement;
  /** Address of the watch socket. */
  readonly url: URL;
  /** Whether it begins to play by itself. */
  readonly autoplay: boolean;
  /** Called whenever the state is another. */
  readonly changed: (state: PlayerState) => void;
}

/** An epoch on its way into the buffer. */
interface Epoch {
  readonly media: EpochMedia;
  readonly mime: string;
  /** The kinds of its tracks: a media source keeps those that it began with. */
  readonly kinds: string;
  readonly init: Uint8Array;
  /** Presentation time that it begins at, seconds; undefined for the first of a media source, which has its own times. */
  readonly startsAt: number | undefined;
  /** Added to media time it gives presentation time, seconds; undefined before the first chunk. */
  offset: number | undefined;
}

/** How often the player looks where it is, ms. */
const LOOK_INTERVAL = 100;
/** How long it may be without media before that is told, ms. */
const STALL_PATIENCE = 500;
/** A pause in the flow that is longer has other causes than a network that trembles, ms. */
const LONG_SILENCE = 3_000;
/** A position this close before media counts as in it, seconds. */
const TOLERANCE = 0.01;
/** So many failures within this time are too many, ms. */
const MAX_FAILURES = 3;
const FAILURE_MEMORY = 60_000;

/** Plays one stream in a `<video>`: what comes by the watch socket goes into a MediaSource, and the video is kept near the live edge. */
export class LivePlayer implements WatchListener {
  readonly #video: HTMLVideoElement;
  readonly #connection: WatchConnection;
  readonly #status: PlayerStatus;
  readonly #events = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  #follower = new LiveFollower({ sound: true });
  #buffer: MediaBuffer | undefined;
  #epoch: Epoch | undefined;
  #mime = '';
  #tracks: readonly TrackInfo[] = [];
  /** Whether the video has to go to the live edge with the next media. */
  #joining = false;
  /** Whether the page or the person wants it to play. */
  #wanted: boolean;
  #starvedAt: number | undefined;
  #lastMediaAt = 0;
  #clock: { readonly media: number; readonly wall: number } | undefined;
  #failures: number[] = [];

  constructor({ video, url, autoplay, changed }: LivePlayerOptions) {
    this.#video = video;
    this.#wanted = autoplay;
    this.#status = new PlayerStatus(changed);
    this.#connection = new WatchConnection({ url, listener: this });
    const { signal } = this.#events;
    const on = (type: string, run: () => void): void => video.addEventListener(type, run, { signal });
    on('play', () => this.#played());
    on('pause', () => this.#paused());
    on('loadedmetadata', () => {
      if (this.#joining) this.#join();
    });
    on('playing', () => this.#fed());
    on('timeupdate', () => this.#fed());
    on('waiting', () => this.#starved());
    on('error', () => this.#recover(video.error?.message ?? ''));
    document.addEventListener('visibilitychange', () => this.#follow(), { signal });
    this.#looking = setInterval(() => this.#look(), LOOK_INTERVAL);
    this.#attach();
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
    const { media, offset } = this.#epoch ?? {};
    return (media?.edge ?? NaN) + (offset ?? NaN);
  }

  /** Seconds from capture, or failing that from the relay, to the picture; NaN while it isn't known. */
  get latency(): number {
    const { clockOffset } = this.#connection;
    const offset = this.#epoch?.offset;
    if (this.#clock === undefined || clockOffset === undefined || offset === undefined || !this.#status.facts.started) return NaN;
    const sinceCapture = (Date.now() + clockOffset - this.#clock.wall) / 1000;
    return sinceCapture + this.#clock.media + offset - this.#video.currentTime;
  }

  /** Connects, if it hasn't yet. */
  open(): void {
    if (this.#status.facts.link === 'none') this.#connection.open();
  }

  /** Ends it for good, and leaves the video empty. May be called twice. */
  close(): void {
    this.#events.abort();
    clearInterval(this.#looking);
    this.#connection.close();
    this.#detach();
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  connecting(): void {
    const { link } = this.#status.facts;
    this.#status.set({ link: link === 'open' || link === 'lost' ? 'lost' : 'opening' });
  }

  init({ epoch, mime, tracks }: InitEvent, bytes: Uint8Array): void {
    const again = this.#epoch?.media.id === epoch;
    this.#mime = mime;
    this.#tracks = tracks;
    this.#clock = undefined;
    const playable = canPlay(mime);
    const soundOnly = tracks.every(({ kind }) => kind === 'audio');
    this.#status.set({ link: 'open', ended: false, soundOnly, unsupported: playable ? undefined : mime });
    if (!playable) {
      this.#detach();
      return;
    }
    const kinds = kindsOf(tracks);
    if (this.#buffer === undefined || (this.#epoch !== undefined && this.#epoch.kinds !== kinds)) this.#attach();
    this.#attempt(() => {
      const offset = again ? this.#epoch?.offset : undefined;
      this.#epoch = { media: new EpochMedia(epoch, bytes), mime, kinds, init: bytes, startsAt: this.#end, offset };
      if (offset !== undefined) this.#buffer?.append(bytes);
    });
    this.#joining = true;
  }

  resumed(): void {
    this.#status.set({ link: 'open', waiting: undefined });
  }

  media(bytes: Uint8Array): void {
    const epoch = this.#epoch;
    if (epoch === undefined) return;
    this.#status.set({ waiting: undefined });
    this.#learnFromSilence();
    this.#follow();
    this.#attempt(() => {
      epoch.media.push(bytes);
      if (epoch.offset === undefined) this.#begin(epoch);
      this.#buffer?.append(bytes);
    });
  }

  waiting(reason: WaitingReason): void {
    this.#status.set({ link: 'open', waiting: reason });
  }

  clock(media: number, wall: number): void {
    this.#clock = { media, wall };
  }

  ended(): void {
    this.#buffer?.end();
    this.#buffer = undefined;
    this.#epoch = undefined;
    this.#status.set({ ended: true, started: false });
  }

  refused({ message }: ErrorEvent): void {
    this.#status.set({ failure: message });
  }

  /** Presentation time at which the next epoch begins: undefined if there was none before. */
  get #end(): number | undefined {
    const edge = this.liveEdge;
    return Number.isNaN(edge) ? undefined : Math.max(edge, this.#video.currentTime);
  }

  /** Runs what reads media; what can't be read is a failure of the stream. */
  #attempt(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#recover((error as Error).message);
    }
  }

  /** Lets go of the media source: the video keeps what it has. */
  #detach(): void {
    this.#buffer?.close();
    this.#buffer = undefined;
    this.#epoch = undefined;
    this.#starvedAt = undefined;
    this.#status.set({ started: false, starved: false });
  }

  /** Gives the video a new and empty media source. */
  #attach(): void {
    this.#detach();
    this.#buffer = new MediaBuffer(this.#video, { appended: () => this.#appended(), failed: (reason) => this.#recover(reason) });
  }

  /** Places an epoch whose first chunk has come: behind the one before, or at its own time if it is the first. */
  #begin(epoch: Epoch): void {
    const { start } = epoch.media;
    if (start === undefined) return;
    epoch.offset = epoch.startsAt === undefined ? 0 : epoch.startsAt - start;
    if (epoch.startsAt === undefined) this.#follower = new LiveFollower({ sound: epoch.kinds.includes('audio') });
    this.#buffer?.beginEpoch(epoch.mime, epoch.offset);
    this.#buffer?.append(epoch.init);
  }

  #appended(): void {
    if (this.#joining) this.#join();
    else this.#follow();
    const from = this.#rangeStart(0);
    if (from !== undefined && this.#epoch !== undefined) this.#buffer?.setSeekable(from, this.liveEdge - this.#follower.target);
  }

  /** Goes to the live edge before anything is shown: the first frame of the cached GOP is old. */
  #join(): void {
    const { media, offset } = this.#epoch ?? {};
    const buffered = this.#buffer?.buffered;
    if (media?.start === undefined || offset === undefined || buffered === undefined || buffered.length === 0) return;
    const last = buffered.length - 1;
    const isIn = buffered.end(last) > media.start + offset;
    if (!isIn || this.#video.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    this.#joining = false;
    this.#video.currentTime = this.#follower.start({ edge: this.liveEdge, from: buffered.start(last), interval: media.interval, now: performance.now() });
    this.#status.set({ started: true, paused: !this.#wanted });
    if (this.#wanted) void this.#play();
    else this.#connection.pause();
  }

  /** Plays; without sound, where the browser gives sound only to who has clicked. */
  async #play(): Promise<void> {
    const video = this.#video;
    try {
      await video.play();
    } catch (error) {
      if ((error as DOMException).name !== 'NotAllowedError') return;
      video.muted = true;
      await video.play().catch(() => this.#paused());
    }
  }

  #look(): void {
    this.#follow();
    const starved = this.#starvedAt !== undefined && performance.now() - this.#starvedAt > STALL_PATIENCE;
    if (starved !== this.#status.facts.starved) this.#status.set({ starved });
  }

  #follow(): void {
    const video = this.#video;
    const edge = this.liveEdge;
    if (this.#joining || Number.isNaN(edge) || video.paused || video.seeking) return;
    const { currentTime: position } = video;
    const view = { position, edge, from: this.#rangeStart(position), interval: this.#epoch?.media.interval ?? 0, now: performance.now() };
    const { seek, rate } = this.#follower.advise(view);
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (seek !== undefined) video.currentTime = seek + 0.001;
  }

  /** Where the media begins that is at `position`, or else next behind it. */
  #rangeStart(position: number): number | undefined {
    const buffered = this.#buffer?.buffered;
    for (let i = 0; buffered !== undefined && i < buffered.length; i++) {
      if (buffered.end(i) > position) return buffered.start(i) - position > TOLERANCE ? buffered.start(i) : Math.min(buffered.start(i), position);
    }
    return undefined;
  }

  #played(): void {
    this.#wanted = true;
    this.#status.set({ paused: false });
    this.open();
    this.#connection.play();
  }

  #paused(): void {
    if (this.#video.ended) return;
    this.#wanted = false;
    this.#status.set({ paused: true });
    if (this.#status.facts.started) this.#connection.pause();
  }

  #starved(): void {
    if (!this.#video.seeking) this.#starvedAt ??= performance.now();
  }

  #fed(): void {
    if (this.#video.seeking || this.#video.paused) return;
    this.#starvedAt = undefined;
    if (this.#status.facts.starved) this.#status.set({ starved: false });
  }

  /** Media that comes late, but soon, has come over a network that trembles: more is held from now on. */
  #learnFromSilence(): void {
    const now = performance.now();
    const silence = now - this.#lastMediaAt;
    this.#lastMediaAt = now;
    if (this.#starvedAt === undefined || this.#joining) return;
    if (silence < LONG_SILENCE) this.#follower.ranDry(now);
    this.#starvedAt = undefined;
  }

  /** Begins anew, with a media source of its own; gives up if that doesn't help. */
  #recover(reason: string): void {
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => now - at < FAILURE_MEMORY), now];
    if (this.#failures.length >= MAX_FAILURES) {
      this.#connection.close();
      this.#detach();
      this.#status.set({ failure: `This browser can't play the stream${reason === '' ? '' : `: ${reason}`}` });
      return;
    }
    this.#attach();
    this.#connection.rejoin();
  }
}

function kindsOf(tracks: readonly TrackInfo[]): string {
  return tracks
    .map(({ kind }) => kind)
    .sort()
    .join('+');
}
