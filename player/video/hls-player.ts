import type Hls from 'hls.js';
import type { BufferCodecsData, ErrorData, HlsConfig, Level } from 'hls.js';
import { Backoff } from '../../src/protocol/backoff';
import type { ErrorCode } from '../../src/protocol/error-code';
import type { TrackInfo } from '../../src/protocol/watch-message';
import { type HlsRefusal, isFinal, readRefusal } from './hls-refusal';
import { HlsReports } from './hls-reports';
import { hlsAddress, loadHls } from './hls-script';
import { isFed } from './is-fed';
import { detach, hasMediaSource } from './media-source';
import { NextEpoch } from './next-epoch';
import { PlayedTime } from './played-time';
import { type LivePlayerListener, type LivePlayerOptions, mediaFailure, type PlayerFailure } from './player-listener';
import { CANNOT_PLAY } from './player-state';
import { type PlayerStats, RateMeter } from './player-stats';
import { factsOf, PlayerStatus } from './player-status';
import { Recovery } from './recovery';
import { SoundOutlet, type SoundPath } from './sound-outlet';
import { startPlaying } from './start-playing';

/** How often the player looks where it is, ms; each time is a measurement. */
const LOOK_INTERVAL = 1_000;
/** How long it may be without media before that is told, ms. */
const STALL_PATIENCE = 500;
/** So far behind where it should be it is no longer live, seconds. */
const LIVE_REACH = 3;
/** A playlist that hasn't grown for so long, ms, is that of a publisher who sends nothing: as long as the relay holds a request for it. */
const QUIET = 12_000;

const CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: true,
  enableWorker: false,
  maxLiveSyncPlaybackRate: 1.1,
  // What goes wrong with the first playlist is told at once, and mended here.
  manifestLoadPolicy: { default: { maxTimeToFirstByteMs: 15_000, maxLoadTimeMs: 20_000, timeoutRetry: null, errorRetry: null } },
  // The relay holds a request for as long as three segments may last, 12 s.
  playlistLoadPolicy: {
    default: {
      maxTimeToFirstByteMs: 15_000,
      maxLoadTimeMs: 20_000,
      timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
      errorRetry: { maxNumRetry: 2, retryDelayMs: 1_000, maxRetryDelayMs: 8_000 },
    },
  },
};

/** Plays one stream in a `<video>` over HTTP, as Low-Latency HLS: by hls.js, or by the browser itself where that has no media sources. */
export class HlsPlayer {
  readonly #video: HTMLVideoElement;
  readonly #options: LivePlayerOptions;
  readonly #url: URL;
  readonly #status: PlayerStatus;
  readonly #reports = new HlsReports();
  readonly #events = new AbortController();
  readonly #looking: ReturnType<typeof setInterval>;
  readonly #backoff = new Backoff();
  readonly #decoded = new RateMeter();
  readonly #bytes = new RateMeter();
  #hls: Hls | undefined;
  /** What has played before: its last picture stands until there is another. */
  #before: Hls | undefined;
  /** Whether the relay has given a media playlist, and so has a place. */
  #listed = false;
  #openedAt = NaN;
  #firstFrame = NaN;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #level: Level | undefined;
  #loaded = 0;
  /** Whether the page or the person wants it to play. */
  #wanted: boolean;
  #starvedAt: number | undefined;
  /** Up to where the playlist goes, seconds, and since when. */
  #edge = NaN;
  #grownAt = 0;
  /** Where the video was at the look before, seconds. */
  #lookedTime = NaN;
  /** The buffers for which media comes. hls.js makes them for the tracks that it meets first. */
  #buffers = '';
  readonly #recovery = new Recovery();
  readonly #playedTime = new PlayedTime();
  /** Looks for something else to play, after the browser has failed. */
  #next: NextEpoch | undefined;
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
      if (!hasMediaSource()) this.#mediaFailed(video.error?.message ?? '');
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
      firstFrame: this.#firstFrame,
      buffer: this.#ahead,
      target: this.#hls?.targetLatency ?? NaN,
      rate: this.#video.playbackRate,
      bitrate: this.#bytes.perSecond * 8,
      frameRate: this.#decoded.perSecond,
      dropped: droppedVideoFrames,
      frames: totalVideoFrames,
      ...this.#counts,
      feed: hasMediaSource() ? 'hls.js' : 'native',
      sound: this.#sound,
      mime: this.mime,
      epoch: '',
      width: this.#video.videoWidth,
      height: this.#video.videoHeight,
    };
  }

  get #sound(): SoundPath {
    if (!this.tracks.some(({ kind }) => kind === 'audio')) return 'none';
    // A socket's player may have led it there.
    return SoundOutlet.of(this.#video).isOpen ? 'web-audio' : 'element';
  }

  /** Loads the playlist, if it hasn't yet. */
  open(): void {
    if (this.#status.facts.link !== 'none') return;
    this.#status.set({ link: 'opening' });
    this.#openedAt = performance.now();
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
    this.#next?.close();
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

  /** Media ahead of the picture, seconds; NaN where there is none at all. */
  get #ahead(): number {
    const { buffered, currentTime } = this.#video;
    return buffered.length === 0 ? NaN : Math.max(0, buffered.end(buffered.length - 1) - currentTime);
  }

  /** Address of the init segment of what is at the position of the video, or else of the newest media; where that is known. */
  get #playedInit(): string | undefined {
    const { currentTime } = this.#video;
    const fragments = this.#hls?.latestLevelDetails?.fragments;
    return (fragments?.findLast(({ start }) => start <= currentTime) ?? fragments?.at(-1))?.initSegment?.url;
  }

  /** Whether what plays is what comes, and not the rest of what came before. */
  get #isCurrent(): boolean {
    return !hasMediaSource() || (this.#hls?.media === this.#video && this.#hls.latestLevelDetails !== null);
  }

  async #load(): Promise<void> {
    if (!hasMediaSource()) {
      this.#recovery.restarted();
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
      if (!this.#closed) this.#connectAgain();
    }
  }

  #begin(made: typeof Hls): void {
    const hls = new made({ ...CONFIG, backBufferLength: this.#options.backBuffer, xhrSetup: (xhr, url) => this.#report(xhr, url) });
    const { Events } = made;
    this.#hls = hls;
    this.#listed = false;
    this.#buffers = '';
    hls.on(Events.MEDIA_ATTACHED, () => {
      this.#recovery.restarted();
      // A video that gets another media source is paused by the browser.
      if (hls === this.#hls && this.#listed && this.#wanted) void this.#play();
    });
    hls.on(Events.MANIFEST_PARSED, (_name, { levels }) => this.#known(levels[0]));
    hls.on(Events.LEVEL_LOADED, (_name, { details }) => {
      if (hls !== this.#hls) return;
      if (!this.#listed) this.#takenIn(hls, details.live);
      if (details.live) this.#noticeQuiet(details.edge);
    });
    hls.on(Events.BUFFER_CODECS, (_name, tracks) => {
      if (hls === this.#hls) this.#noticeTracks(tracks);
    });
    hls.on(Events.FRAG_LOADED, (_name, { frag, part }) => {
      this.#loaded += (part ?? frag).stats.loaded;
      this.#bytes.count(performance.now(), this.#loaded);
      if (this.#status.facts.waiting !== undefined) this.#status.set({ waiting: undefined });
    });
    hls.on(Events.ERROR, (_name, data) => {
      if (hls === this.#hls) this.#failed(data, made);
    });
    hls.loadSource(this.#address);
    if (this.#before === undefined) hls.attachMedia(this.#video);
  }

  /** Of the multivariant playlist. Who is known to the relay stays who it was, so that nobody is counted twice. */
  get #address(): string {
    const url = new URL(this.#url);
    const { session } = this.#reports;
    if (session !== undefined) url.searchParams.set('session', session);
    return url.href;
  }

  #known(level: Level | undefined): void {
    this.#level = level;
    this.#status.set({ unsupported: undefined, soundOnly: level?.videoCodec === undefined });
  }

  /** The relay has given the first media playlist: the picture that still stands makes room for what comes. */
  #takenIn(hls: Hls, live: boolean): void {
    this.#listed = true;
    // What was over before it could be shown isn't live any more.
    if (!live) {
      this.#ended();
      return;
    }
    this.#backoff.reset();
    this.#starvedAt = undefined;
    this.#status.set({ link: 'open', waiting: undefined, refusal: undefined, started: false, starved: false });
    if (this.#before !== undefined) {
      this.#before.destroy();
      this.#before = undefined;
      hls.attachMedia(this.#video);
    }
    if (this.#wanted) void this.#play();
  }

  /** Where media comes for other buffers than before, only a new index helps, once what is there of those has been played. */
  #noticeTracks(tracks: BufferCodecsData): void {
    const before = this.#buffers;
    this.#buffers = Object.keys(tracks).sort().join();
    if (before !== '' && before !== this.#buffers) this.#loadAgain((this.#ahead || 0) * 1000);
  }

  /** hls.js gives up a request that the relay holds, at times, and is then told by nobody that nothing comes. */
  #noticeQuiet(edge: number): void {
    if (edge !== this.#edge) {
      this.#edge = edge;
      this.#grownAt = performance.now();
    } else if (performance.now() - this.#grownAt > QUIET) {
      this.#status.set(factsOf({ type: 'waiting', reason: 'idle' }, this.#status.facts));
    }
  }

  #report(request: XMLHttpRequest, address: string): void {
    const told = this.#reports.addressFor(address, this.stats);
    if (told !== undefined) request.open('GET', told);
  }

  #failed(data: ErrorData, { ErrorTypes, ErrorDetails }: typeof Hls): void {
    const { type, details, fatal, error, frag } = data;
    const refusal = readRefusal(data);
    if (!fatal) {
      // hls.js would ask again, and say nothing.
      if (refusal?.code === 'stalled') this.#status.set(factsOf({ type: 'waiting', reason: 'idle' }, this.#status.facts));
      else if (refusal !== undefined) this.#refused(refusal, true);
    } else if (details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
      this.#status.set({ link: 'open', unsupported: this.mime || 'video/mp4' });
      this.#loadAgain();
    } else if (type === ErrorTypes.MEDIA_ERROR) this.#mediaFailed(error.message, frag?.initSegment?.url ?? this.#playedInit);
    else if (refusal === undefined) this.#connectAgain();
    else this.#refused(refusal, details !== ErrorDetails.MANIFEST_LOAD_ERROR);
  }

  /** @param ofMedia whether it was a media playlist that the relay didn't give. */
  #refused(refusal: HlsRefusal, ofMedia: boolean): void {
    const { code, message, retryAfter } = refusal;
    if (isFinal(refusal, { ofMedia })) {
      this.#fail({ code, message }, message);
    } else if (code === 'no-stream' || code === 'stalled') {
      this.#status.set(factsOf({ type: 'waiting', reason: code === 'stalled' ? 'idle' : 'publisher' }, this.#status.facts));
      this.#loadAgain();
    } else {
      this.#connectAgain(code, retryAfter * 1000);
    }
  }

  /** There is no way to the relay, or it takes nobody in for now: in `wait` ms at the earliest the next try makes sense. */
  #connectAgain(refusal?: ErrorCode, wait = 0): void {
    this.#status.set(factsOf({ type: 'connecting', refusal }, this.#status.facts));
    this.#loadAgain(wait);
  }

  /**
   * The browser can't go on: hls.js gives it a new media source, or it begins anew; if that doesn't help, it waits for something else to play.
   * @param init address of the init segment of what it can't play, where that is known.
   */
  #mediaFailed(reason: string, init?: string): void {
    const remedy = this.#recovery.afterFailure(this.#playedTime.ms);
    if (remedy === 'give-up') {
      this.#fail(mediaFailure(reason), CANNOT_PLAY);
      detach(this.#video);
      this.#next = new NextEpoch({ index: new URL(this.#address), failed: init, begun: () => this.#beginAgain() });
    } else if (remedy === 'restart') {
      if (this.#hls === undefined || this.#recovery.isRepeated) {
        this.#loadAgain();
        return;
      }
      this.#hls.recoverMediaError();
      // As it reports a fatal error, hls.js stops loading. A new media source makes it load pieces again, but no playlists.
      this.#hls.startLoad();
    }
  }

  /** There is something else to play, or somebody wants to see whether it plays now. */
  #beginAgain(): void {
    this.#next?.close();
    this.#next = undefined;
    this.#recovery.epochBegan();
    this.#status.set({ failure: undefined });
    this.#loadAgain();
  }

  /** @param text what a person is told. */
  #fail(failure: PlayerFailure, text: string): void {
    this.#unload();
    this.#status.set({ started: false, failure: text });
    this.#listener.failed(failure);
  }

  #unload(): void {
    this.#before?.destroy();
    this.#hls?.destroy();
    this.#before = this.#hls = undefined;
  }

  /** Begins anew in `wait` ms and a while. What plays until then ends by itself, and its last picture stands. */
  #loadAgain(wait = 0): void {
    const hls = this.#hls;
    this.#hls = undefined;
    if (hls?.media === this.#video) {
      hls.stopLoad();
      this.#before = hls;
    } else {
      hls?.destroy();
    }
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => void this.#load(), wait + this.#backoff.next());
  }

  #play(): Promise<void> {
    return startPlaying(this.#video, () => this.#paused());
  }

  #begun(): void {
    if (Number.isNaN(this.#firstFrame)) this.#firstFrame = (performance.now() - this.#openedAt) / 1000;
    this.#status.set({ started: true, ended: false, paused: !this.#wanted });
    if (!this.#wanted) this.#hls?.stopLoad();
  }

  #resumed(): void {
    const wasPaused = this.#status.facts.started && this.#status.facts.paused;
    this.#wanted = true;
    this.#status.set({ paused: false });
    this.open();
    if (this.#next !== undefined) this.#beginAgain();
    if (!wasPaused) return;
    this.#hls?.startLoad(-1);
    this.seekToLive();
  }

  #paused(): void {
    // Chromium pauses what has failed, which is mended.
    if (this.#video.ended || this.#video.error !== null || document.hidden) return;
    this.#wanted = false;
    this.#status.set({ paused: true });
    if (this.#status.facts.started) this.#hls?.stopLoad();
  }

  #starved(): void {
    if (this.#video.seeking || this.#starvedAt !== undefined || !this.#status.facts.started) return;
    this.#starvedAt = performance.now();
    this.#counts.stalls++;
  }

  #fed(): void {
    if (!isFed(this.#video) || !this.#isCurrent) return;
    const wasStarved = this.#starvedAt !== undefined;
    this.#starvedAt = undefined;
    // So far behind, hls.js no longer hurries, and never jumps. Where somebody has gone back, that is as it should be.
    const jumps = wasStarved && !this.#status.facts.behind && this.lag > 0;
    this.#status.set({ started: true, ended: false, starved: false, behind: this.lag > 0 && !jumps });
    if (jumps) this.seekToLive();
  }

  /** Of a stream that is over, hls.js was seen to leave out a last part of 50 ms, for which the browser waits without a word. */
  #noticeEnd(): void {
    const { currentTime, paused } = this.#video;
    const stands = !paused && currentTime === this.#lookedTime;
    this.#lookedTime = currentTime;
    if (stands && this.#isCurrent && this.#hls?.latestLevelDetails?.live === false) this.#ended();
  }

  /** The stream is over: the next one of its name is looked for. */
  #ended(): void {
    if (this.#status.facts.started) this.#backoff.reset();
    this.#status.set({ link: 'open', ended: true, started: false });
    this.#loadAgain();
  }

  #look(): void {
    this.#playedTime.look(performance.now(), this.#video.currentTime);
    if (this.#starvedAt !== undefined && performance.now() - this.#starvedAt > STALL_PATIENCE) this.#status.set({ starved: true });
    this.#noticeEnd();
    this.#decoded.count(performance.now(), this.#video.getVideoPlaybackQuality().totalVideoFrames);
    if (this.#video.paused || !this.#status.facts.started) return;
    this.#listener.measured(this.stats);
    this.#reports.measured();
  }
}
