import type Hls from 'hls.js';
import type { ErrorData, HlsConfig, Level } from 'hls.js';
import type { TrackInfo } from '../../src/protocol/watch-message';
import { Backoff } from '../net/backoff';
import { hlsAddress, loadHls } from './hls-script';
import { detach, hasMediaSource } from './media-source';
import type { LivePlayerListener, LivePlayerOptions } from './player-listener';
import { CANNOT_PLAY } from './player-state';
import { type PlayerStats, RateMeter } from './player-stats';
import { PlayerStatus } from './player-status';
import { startPlaying } from './start-playing';

/** How often the player looks where it is, ms; each time is a measurement. */
const LOOK_INTERVAL = 1_000;
/** How long it may be without media before that is told, ms. */
const STALL_PATIENCE = 500;
/** So far behind where it should be it is no longer live, seconds. */
const LIVE_REACH = 3;
/** So many failures of the browser within this time are too many, ms. */
const MAX_FAILURES = 3;
const FAILURE_MEMORY = 60_000;
/** Answers that another try can't mend, and their codes. */
const FINAL: ReadonlyMap<number, string> = new Map([
  [400, 'bad-request'],
  [401, 'not-authenticated'],
  [403, 'not-allowed'],
  [406, 'wrong-container'],
]);
const NOT_FOUND = 404;

const CONFIG: Partial<HlsConfig> = { lowLatencyMode: true, enableWorker: false, maxLiveSyncPlaybackRate: 1.1 };

/** Plays one stream in a `<video>` over HTTP, as Low-Latency HLS: by hls.js, or by the browser itself where that has no media sources. */
export class HlsPlayer {
  readonly #video: HTMLVideoElement;
  readonly #options: LivePlayerOptions;
  readonly #url: URL;
  readonly #status: PlayerStatus;
  readonly #events = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  readonly #backoff = new Backoff();
  readonly #decoded = new RateMeter();
  readonly #bytes = new RateMeter();
  #hls: Hls | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #level: Level | undefined;
  #loaded = 0;
  /** Whether the page or the person wants it to play. */
  #wanted: boolean;
  #starvedAt: number | undefined;
  #failures: number[] = [];
  #counts = { stalls: 0, skips: 0, seeks: 0 };

  /** @param options as for the player by WebSocket: `url` is that of the watch socket. */
  constructor(options: LivePlayerOptions) {
    const { video, url, autoplay, listener } = options;
    this.#video = video;
    this.#options = options;
    this.#url = hlsAddress(url);
    this.#wanted = autoplay;
    this.#status = new PlayerStatus((state) => listener.changed(state));
    const { signal } = this.#events;
    const on = (type: string, run: () => void): void => video.addEventListener(type, run, { signal });
    on('play', () => this.#resumed());
    on('pause', () => this.#paused());
    on('loadeddata', () => this.#begun());
    on('playing', () => this.#fed());
    on('timeupdate', () => this.#fed());
    on('waiting', () => this.#starved());
    on('ended', () => this.#ended());
    // hls.js tells its own.
    on('error', () => {
      if (this.#hls === undefined) this.#mediaFailed(video.error?.message ?? '');
    });
    this.#looking = setInterval(() => this.#look(), LOOK_INTERVAL);
  }

  /** Type of what is published; empty before it is known. */
  get mime(): string {
    const codecs = this.#level?.attrs.CODECS;
    return codecs === undefined ? '' : `video/mp4; codecs="${codecs.replaceAll(',', ', ')}"`;
  }

  get tracks(): readonly TrackInfo[] {
    const { videoCodec, audioCodec, width, height } = this.#level ?? {};
    return [
      ...(videoCodec === undefined ? [] : [{ kind: 'video', codec: videoCodec, ...(width && height ? { width, height } : {}) } as const]),
      ...(audioCodec === undefined ? [] : [{ kind: 'audio', codec: audioCodec } as const]),
    ];
  }

  /** Presentation time of the live edge, seconds; NaN before there is one. */
  get liveEdge(): number {
    const { seekable } = this.#video;
    return this.#hls?.latestLevelDetails?.edge ?? (seekable.length > 0 ? seekable.end(seekable.length - 1) : NaN);
  }

  /** How far the picture is behind where it would be at the live edge, seconds. */
  get lag(): number {
    const lag = (this.#hls?.latency ?? 0) - (this.#hls?.targetLatency ?? 0);
    return this.#status.facts.started && lag > LIVE_REACH ? lag : 0;
  }

  /** Seconds from capture to the picture, by the clock of this machine against the relay's; NaN while it isn't known. */
  get latency(): number {
    const captured = this.#hls?.playingDate;
    return captured ? (Date.now() - captured.getTime()) / 1000 : NaN;
  }

  get stats(): PlayerStats {
    const { totalVideoFrames, droppedVideoFrames } = this.#video.getVideoPlaybackQuality();
    return {
      latency: this.latency,
      firstFrame: NaN,
      buffer: Math.max(0, this.#bufferedTo - this.#video.currentTime),
      target: this.#hls?.targetLatency ?? NaN,
      rate: this.#video.playbackRate,
      bitrate: this.#bytes.perSecond * 8,
      frameRate: this.#decoded.perSecond,
      dropped: droppedVideoFrames,
      frames: totalVideoFrames,
      ...this.#counts,
      feed: hasMediaSource() ? 'hls.js' : 'native',
      mime: this.mime,
      epoch: '',
      width: this.#video.videoWidth,
      height: this.#video.videoHeight,
    };
  }

  /** Loads the playlist, if it hasn't yet. */
  open(): void {
    if (this.#status.facts.link !== 'none') return;
    this.#status.set({ link: 'opening' });
    void this.#load();
  }

  /** Goes to the live edge. */
  seekToLive(): void {
    const position = this.#hls?.liveSyncPosition ?? this.liveEdge;
    if (!Number.isFinite(position)) return;
    this.#counts.seeks++;
    this.#video.currentTime = position;
  }

  /** Ends it for good, and leaves the video empty. May be called twice. */
  close(): void {
    this.#events.abort();
    clearInterval(this.#looking);
    clearTimeout(this.#retry);
    this.#unload();
    this.#video.playbackRate = 1;
    detach(this.#video);
  }

  get #listener(): LivePlayerListener {
    return this.#options.listener;
  }

  get #closed(): boolean {
    return this.#events.signal.aborted;
  }

  get #bufferedTo(): number {
    const { buffered } = this.#video;
    return buffered.length === 0 ? NaN : buffered.end(buffered.length - 1);
  }

  async #load(): Promise<void> {
    this.#unload();
    if (!hasMediaSource()) {
      this.#video.src = this.#url.href;
      this.#status.set({ link: 'open' });
      if (this.#wanted) void this.#play();
      return;
    }
    try {
      const made = await loadHls(this.#url);
      if (!this.#closed) this.#begin(made);
    } catch {
      // The script didn't come: the network is to blame, as with a playlist.
      this.#loadAgain();
    }
  }

  #begin(made: typeof Hls): void {
    const hls = new made({ ...CONFIG, backBufferLength: this.#options.backBuffer });
    const { Events } = made;
    this.#hls = hls;
    hls.on(Events.MANIFEST_PARSED, (_name, { levels }) => this.#known(levels[0]));
    hls.on(Events.LEVEL_LOADED, (_name, { details }) => {
      // What was over before it could be shown isn't live any more.
      if (!details.live && !this.#status.facts.started) this.#ended();
    });
    hls.on(Events.FRAG_LOADED, (_name, { frag, part }) => {
      this.#loaded += (part ?? frag).stats.loaded;
      this.#bytes.count(performance.now(), this.#loaded);
    });
    hls.on(Events.ERROR, (_name, data) => {
      if (data.fatal) this.#failed(data, made);
    });
    hls.loadSource(this.#url.href);
    hls.attachMedia(this.#video);
  }

  #known(level: Level | undefined): void {
    this.#backoff.reset();
    this.#level = level;
    this.#status.set({ link: 'open', waiting: undefined, unsupported: undefined, soundOnly: level?.videoCodec === undefined });
    if (this.#wanted) void this.#play();
  }

  #failed({ type, details, response, error }: ErrorData, made: typeof Hls): void {
    const { ErrorTypes, ErrorDetails } = made;
    if (details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
      this.#status.set({ link: 'open', unsupported: this.mime || 'video/mp4' });
      this.#loadAgain();
      return;
    }
    if (type === ErrorTypes.MEDIA_ERROR) {
      this.#mediaFailed(error.message);
      return;
    }
    const status = response?.code ?? 0;
    const refusal = FINAL.get(status);
    if (refusal !== undefined) {
      this.#fail(refusal, `The relay refuses to give the stream over HLS (${refusal})`);
    } else {
      if (status === NOT_FOUND) this.#status.set({ link: 'open', waiting: 'publisher', started: false });
      else this.#status.set({ link: 'lost', started: false });
      this.#loadAgain();
    }
  }

  /** The browser can't go on: hls.js gives it a new media source, or it begins anew; it gives up if that doesn't help. */
  #mediaFailed(reason: string): void {
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => now - at < FAILURE_MEMORY), now];
    if (this.#failures.length > MAX_FAILURES) this.#fail('media-failed', `${CANNOT_PLAY}${reason === '' ? '' : `: ${reason}`}`, CANNOT_PLAY);
    else if (this.#hls !== undefined) this.#hls.recoverMediaError();
    else this.#loadAgain();
  }

  /** @param text what a person is told, where the message holds more than that. */
  #fail(code: string, message: string, text = message): void {
    this.#unload();
    this.#status.set({ started: false, failure: text });
    this.#listener.failed({ code, message });
  }

  #unload(): void {
    this.#hls?.destroy();
    this.#hls = undefined;
  }

  #loadAgain(): void {
    this.#unload();
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => void this.#load(), this.#backoff.next());
  }

  #play(): Promise<void> {
    return startPlaying(this.#video, () => this.#paused());
  }

  #begun(): void {
    this.#status.set({ started: true, ended: false, paused: !this.#wanted });
    if (!this.#wanted) this.#hls?.stopLoad();
  }

  #resumed(): void {
    const wasPaused = this.#status.facts.started && this.#status.facts.paused;
    this.#wanted = true;
    this.#status.set({ paused: false });
    this.open();
    if (!wasPaused) return;
    this.#hls?.startLoad(-1);
    this.seekToLive();
  }

  #paused(): void {
    if (this.#video.ended || document.hidden) return;
    this.#wanted = false;
    this.#status.set({ paused: true });
    if (this.#status.facts.started) this.#hls?.stopLoad();
  }

  #starved(): void {
    if (this.#video.seeking || this.#starvedAt !== undefined) return;
    this.#starvedAt = performance.now();
    this.#counts.stalls++;
  }

  #fed(): void {
    if (this.#video.seeking || this.#video.paused || this.#hls?.latestLevelDetails === null) return;
    this.#starvedAt = undefined;
    this.#status.set({ started: true, ended: false, starved: false, behind: this.lag > 0 });
  }

  /** The stream is over: the next one of its name is looked for. */
  #ended(): void {
    this.#status.set({ link: 'open', ended: true, started: false });
    this.#loadAgain();
  }

  #look(): void {
    if (this.#starvedAt !== undefined && performance.now() - this.#starvedAt > STALL_PATIENCE) this.#status.set({ starved: true });
    this.#decoded.count(performance.now(), this.#video.getVideoPlaybackQuality().totalVideoFrames);
    if (!this.#video.paused && this.#status.facts.started) this.#listener.measured(this.stats);
  }
}
