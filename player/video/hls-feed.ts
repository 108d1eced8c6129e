import type Hls from 'hls.js';
import type { BufferCodecsData, ErrorData, HlsConfig, Level } from 'hls.js';
import { Backoff } from '../../src/protocol/backoff';
import type { ErrorCode } from '../../src/protocol/error-code';
import type { TrackInfo } from '../../src/protocol/watch-message';
import type { FeedEvent } from './feed-message';
import { type HlsRefusal, isFinal, readRefusal } from './hls-refusal';
import { HlsReports } from './hls-reports';
import { hlsAddress, loadHls } from './hls-script';
import { hasMediaSource } from './media-source';
import { NextEpoch } from './next-epoch';
import { type PlayerStats, RateMeter } from './player-stats';

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

/** What a feed over HLS tells its player. */
export type HlsFeedEvent =
  | Extract<FeedEvent, { type: 'connecting' | 'init' | 'media' | 'waiting' | 'ended' | 'refused' }>
  /** The video has a media source, or the address itself; `open`: of a stream that is there. */
  | { readonly type: 'attached'; readonly open: boolean }
  /** The browser can't go on. `init`: address of the init segment of what it can't play, where that is known. */
  | { readonly type: 'failed'; readonly reason: string; readonly init?: string | undefined }
  /** There is something else to play than what the browser has failed on. */
  | { readonly type: 'next' };

interface HlsFeedOptions {
  readonly video: HTMLVideoElement;
  /** Of the watch socket. */
  readonly url: URL;
  readonly backBuffer: number;
  /** What the relay is told of now and then. */
  readonly stats: () => PlayerStats;
  readonly hear: (event: HlsFeedEvent) => void;
}

/** Media of one stream as Low-Latency HLS, loaded again whenever it breaks off: by hls.js, or by the browser itself where that has no media sources. */
export class HlsFeed {
  readonly #options: HlsFeedOptions;
  readonly #url: URL;
  readonly #backoff = new Backoff();
  readonly #bytes = new RateMeter();
  readonly #reports = new HlsReports();
  #hls: Hls | undefined;
  /** What has played before: its last picture stands until there is another. */
  #before: Hls | undefined;
  /** Whether the relay has given a media playlist, and so has a place. */
  #listed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #level: Level | undefined;
  #loaded = 0;
  /** Up to where the playlist goes, seconds, and since when. */
  #edge = NaN;
  #grownAt = 0;
  /** The buffers for which media comes. hls.js makes them for the tracks that it meets first. */
  #buffers = '';
  /** Looks for something else to play, after the browser has failed. */
  #next: NextEpoch | undefined;
  /** What hls.js measured before the last jump: it measures again only after the video has told its time. */
  #staleLatency = NaN;
  #closed = false;

  constructor(options: HlsFeedOptions) {
    this.#options = options;
    this.#url = hlsAddress(options.url);
  }

  /** Presentation time of the live edge, seconds; NaN before there is one. */
  get liveEdge(): number {
    const { seekable } = this.#options.video;
    return this.#hls?.latestLevelDetails?.edge ?? (seekable.length > 0 ? seekable.end(seekable.length - 1) : NaN);
  }

  /** How far the picture is behind where it would be at the live edge, seconds; less than 0 if it is ahead of that. */
  get behind(): number {
    const { latency = 0, targetLatency } = this.#hls ?? {};
    return latency === this.#staleLatency ? 0 : latency - (targetLatency ?? 0);
  }

  /** What of its figures the feed knows. */
  get figures(): Pick<PlayerStats, 'latency' | 'buffer' | 'target' | 'bitrate' | 'feed'> {
    const captured = this.#hls?.playingDate;
    return {
      // By the clock of this machine against the relay's.
      latency: captured ? (Date.now() - captured.getTime()) / 1000 : NaN,
      buffer: this.#ahead,
      target: this.#hls?.targetLatency ?? NaN,
      bitrate: this.#bytes.perSecond * 8,
      feed: hasMediaSource() ? 'hls.js' : 'native',
    };
  }

  /** Whether what plays is what comes, and not the rest of what came before. */
  get isCurrent(): boolean {
    return !hasMediaSource() || (this.#hls?.media === this.#options.video && this.#hls.latestLevelDetails !== null);
  }

  /** Whether the stream that plays is over, and nothing more comes of it. */
  get isOver(): boolean {
    return this.isCurrent && this.#hls?.latestLevelDetails?.live === false;
  }

  /** Whether it looks for something else to play than what the browser has failed on. */
  get looksForNext(): boolean {
    return this.#next !== undefined;
  }

  /** Loads the playlist, and what is in it. */
  async load(): Promise<void> {
    const { video } = this.#options;
    if (!hasMediaSource()) {
      video.src = this.#url.href;
      this.#tell({ type: 'attached', open: true });
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

  /** Begins anew in `wait` ms and a while. What plays until then ends by itself, and its last picture stands. */
  loadAgain(wait = 0): void {
    this.#next?.close();
    this.#next = undefined;
    const hls = this.#hls;
    this.#hls = undefined;
    if (hls?.media === this.#options.video) {
      hls.stopLoad();
      this.#before = hls;
    } else {
      hls?.destroy();
    }
    clearTimeout(this.#retry);
    if (!this.#closed) this.#retry = setTimeout(() => void this.load(), wait + this.#backoff.next());
  }

  /** Some of the stream was shown: the next failure counts as the first. */
  wentWell(): void {
    this.#backoff.reset();
  }

  /** Gives the browser a new media source. @returns false if it can't. */
  recover(): boolean {
    this.#hls?.recoverMediaError();
    // As it reports a fatal error, hls.js stops loading. A new media source makes it load pieces again, but no playlists.
    this.#hls?.startLoad();
    return this.#hls !== undefined;
  }

  /** Loads nothing more, until there is something else than what the browser has failed on. */
  lookForNext(init: string | undefined): void {
    this.#next = new NextEpoch({ index: new URL(this.#address), failed: init, begun: () => this.#tell({ type: 'next' }) });
  }

  /** Sends what the viewer experiences to the relay, with the next request for a playlist. */
  report(): void {
    this.#reports.due();
  }

  /** Loads nothing for now. */
  pause(): void {
    this.#hls?.stopLoad();
  }

  /** Loads again what comes now. */
  resume(): void {
    this.#hls?.startLoad(-1);
  }

  /** Moves the video to the live edge. @returns whether there is one. */
  jump(): boolean {
    const position = this.#hls?.liveSyncPosition ?? this.liveEdge;
    if (!Number.isFinite(position)) return false;
    this.#staleLatency = this.#hls?.latency ?? NaN;
    this.#options.video.currentTime = position;
    return true;
  }

  /** Loads nothing more. */
  unload(): void {
    this.#before?.destroy();
    this.#hls?.destroy();
    this.#before = this.#hls = undefined;
  }

  /** Ends it for good. May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#next?.close();
    this.unload();
  }

  /** Media ahead of the picture, seconds; NaN where there is none at all. */
  get #ahead(): number {
    const { buffered, currentTime } = this.#options.video;
    return buffered.length === 0 ? NaN : Math.max(0, buffered.end(buffered.length - 1) - currentTime);
  }

  /** Address of the init segment of what is at the position of the video, or else of the newest media; where that is known. */
  get #playedInit(): string | undefined {
    const { currentTime } = this.#options.video;
    const fragments = this.#hls?.latestLevelDetails?.fragments;
    return (fragments?.findLast(({ start }) => start <= currentTime) ?? fragments?.at(-1))?.initSegment?.url;
  }

  /** Of the multivariant playlist. Who is known to the relay stays who it was, so that nobody is counted twice. */
  get #address(): string {
    const url = new URL(this.#url);
    const { session } = this.#reports;
    if (session !== undefined) url.searchParams.set('session', session);
    return url.href;
  }

  #tellInit(playable: boolean): void {
    const { attrs, videoCodec, audioCodec, width, height } = this.#level ?? {};
    const codecs = attrs?.CODECS;
    const mime = `video/mp4${codecs === undefined ? '' : `; codecs="${codecs.replaceAll(',', ', ')}"`}`;
    const tracks: TrackInfo[] = [];
    if (videoCodec !== undefined) tracks.push({ kind: 'video', codec: videoCodec, ...(width && height ? { width, height } : {}) });
    if (audioCodec !== undefined) tracks.push({ kind: 'audio', codec: audioCodec });
    this.#tell({ type: 'init', epoch: '', mime, tracks, playable });
  }

  #tell(event: HlsFeedEvent): void {
    this.#options.hear(event);
  }

  #begin(made: typeof Hls): void {
    const { video, backBuffer } = this.#options;
    const hls = new made({ ...CONFIG, backBufferLength: backBuffer, xhrSetup: (xhr, url) => this.#ask(xhr, url) });
    const { Events } = made;
    this.#hls = hls;
    this.#listed = false;
    this.#buffers = '';
    hls.on(Events.MEDIA_ATTACHED, () => this.#tell({ type: 'attached', open: hls === this.#hls && this.#listed }));
    hls.on(Events.MANIFEST_PARSED, (_name, { levels }) => {
      this.#level = levels[0];
    });
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
      this.#tell({ type: 'media' });
    });
    hls.on(Events.ERROR, (_name, data) => {
      if (hls === this.#hls) this.#failed(data, made);
    });
    hls.loadSource(this.#address);
    if (this.#before === undefined) hls.attachMedia(video);
  }

  /** The relay has given the first media playlist: the picture that still stands makes room for what comes. */
  #takenIn(hls: Hls, live: boolean): void {
    this.#listed = true;
    // What was over before it could be shown isn't live any more.
    if (!live) {
      this.#tell({ type: 'ended' });
      return;
    }
    this.#backoff.reset();
    if (this.#before !== undefined) {
      this.#before.destroy();
      this.#before = undefined;
      hls.attachMedia(this.#options.video);
    }
    this.#tellInit(true);
  }

  /** Where media comes for other buffers than before, only a new index helps, once what is there of those has been played. */
  #noticeTracks(tracks: BufferCodecsData): void {
    const before = this.#buffers;
    this.#buffers = Object.keys(tracks).sort().join();
    if (before !== '' && before !== this.#buffers) this.loadAgain((this.#ahead || 0) * 1000);
  }

  /** hls.js gives up a request that the relay holds, at times, and is then told by nobody that nothing comes. */
  #noticeQuiet(edge: number): void {
    if (edge !== this.#edge) {
      this.#edge = edge;
      this.#grownAt = performance.now();
    } else if (performance.now() - this.#grownAt > QUIET) {
      this.#tell({ type: 'waiting', reason: 'idle' });
    }
  }

  #ask(request: XMLHttpRequest, address: string): void {
    const told = this.#reports.addressFor(address, this.#options.stats());
    if (told !== undefined) request.open('GET', told);
  }

  #failed(data: ErrorData, { ErrorTypes, ErrorDetails }: typeof Hls): void {
    const { type, details, fatal, error, frag } = data;
    const refusal = readRefusal(data);
    if (!fatal) {
      // hls.js would ask again, and say nothing.
      if (refusal?.code === 'stalled') this.#tell({ type: 'waiting', reason: 'idle' });
      else if (refusal !== undefined) this.#refused(refusal, true);
    } else if (details === ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR) {
      this.#tellInit(false);
      this.loadAgain();
    } else if (type === ErrorTypes.MEDIA_ERROR) this.#tell({ type: 'failed', reason: error.message, init: frag?.initSegment?.url ?? this.#playedInit });
    else if (refusal === undefined) this.#connectAgain();
    else this.#refused(refusal, details !== ErrorDetails.MANIFEST_LOAD_ERROR);
  }

  /** @param ofMedia whether it was a media playlist that the relay didn't give. */
  #refused(refusal: HlsRefusal, ofMedia: boolean): void {
    const { code, message, retryAfter } = refusal;
    if (isFinal(refusal, { ofMedia })) {
      this.#tell({ type: 'refused', code, message });
    } else if (code === 'no-stream' || code === 'stalled') {
      this.#tell({ type: 'waiting', reason: code === 'stalled' ? 'idle' : 'publisher' });
      this.loadAgain();
    } else {
      this.#connectAgain(code, retryAfter * 1000);
    }
  }

  /** There is no way to the relay, or it takes nobody in for now: in `wait` ms at the earliest the next try makes sense. */
  #connectAgain(refusal?: ErrorCode, wait = 0): void {
    this.#tell({ type: 'connecting', refusal });
    this.loadAgain(wait);
  }
}
