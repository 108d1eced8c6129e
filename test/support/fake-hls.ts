import type { LevelDetails } from 'hls.js';

/** A `<video>` as `HlsPlayer` sees it. */
export class FakeHlsVideo extends EventTarget {
  currentTime = 0;
  paused = true;
  ended = false;
  seeking = false;
  readyState = 4;
  playbackRate = 1;
  videoWidth = 640;
  videoHeight = 360;
  error: { readonly message: string } | null = null;
  srcObject = null;
  bufferedTo = 0;
  readonly seekable = { length: 0 };

  get buffered(): TimeRanges {
    return { length: this.bufferedTo > 0 ? 1 : 0, start: () => 0, end: () => this.bufferedTo };
  }

  getVideoPlaybackQuality(): Pick<VideoPlaybackQuality, 'totalVideoFrames' | 'droppedVideoFrames'> {
    return { totalVideoFrames: 0, droppedVideoFrames: 0 };
  }

  play(): Promise<void> {
    this.paused = false;
    this.dispatchEvent(new Event('play'));
    return Promise.resolve();
  }

  /** As the browser does for a person, and Chromium for what has failed. */
  pause(): void {
    this.paused = true;
    this.dispatchEvent(new Event('pause'));
  }

  removeAttribute(): void {
    this.error = null;
  }

  load(): void {
    this.error = null;
  }
}

/** Of the stream, seconds: it grows with each playlist. */
let edge = 10;

type Listener = (name: string, data: unknown) => void;

/** hls.js as `HlsPlayer` uses it: the test says what happens in it. */
export class FakeHls {
  static readonly Events = new Proxy({}, { get: (_, name) => name });
  static readonly ErrorTypes = { MEDIA_ERROR: 'mediaError' };
  static readonly ErrorDetails = {};
  /** All that a player has made, the newest last. */
  static made: FakeHls[] = [];
  media: FakeHlsVideo | null = null;
  latestLevelDetails: Pick<LevelDetails, 'fragments'> | null = null;
  latency = 1;
  readonly targetLatency = 1;
  liveSyncPosition: number | null = null;
  readonly playingDate = null;
  recovered = 0;
  isLoading = true;
  readonly #listeners = new Map<string, Listener>();

  constructor() {
    FakeHls.made.push(this);
  }

  static get newest(): FakeHls {
    return FakeHls.made.at(-1)!;
  }

  on(name: string, listener: Listener): void {
    this.#listeners.set(name, listener);
  }

  emit(name: string, data: unknown): void {
    this.#listeners.get(name)?.(name, data);
  }

  /** The relay has given the playlist of a live stream, with this init segment. */
  list(init: string): void {
    this.latestLevelDetails = { fragments: [{ start: 5, initSegment: { url: init } }] } as unknown as LevelDetails;
    this.emit('LEVEL_LOADED', { details: { live: true, edge: (edge += 2) } });
  }

  /** It can't go on. */
  fail(): void {
    if (this.media !== null) this.media.error = { message: 'decode error' };
    this.emit('ERROR', { type: 'mediaError', details: 'mediaSourceRequiresReset', fatal: true, error: new Error('refused') });
  }

  loadSource(): void {}

  attachMedia(video: FakeHlsVideo): void {
    this.media = video;
    video.error = null;
    this.emit('MEDIA_ATTACHED', {});
  }

  recoverMediaError(): void {
    this.recovered++;
    if (this.media !== null) this.attachMedia(this.media);
  }

  startLoad(): void {
    this.isLoading = true;
  }

  stopLoad(): void {
    this.isLoading = false;
  }

  destroy(): void {
    this.media = null;
  }
}
