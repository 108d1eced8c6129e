import type { Chunk, InitSegment } from '../media/chunk';
import { SluiceError } from '../protocol/error-code';
import type { StreamInfo } from '../protocol/stream-info';
import { BitrateMeter } from './bitrate-meter';
import type { Clock } from './clock';
import { Epoch } from './epoch';
import type { RelayLimits } from './relay-limits';
import type { PublisherLink, StreamFeed } from './stream-feed';
import { trackInfo } from './track-info';
import { Viewer, type ResumePoint, type ViewerHost } from './viewer';
import type { ViewerOutlet } from './viewer-outlet';

const TICK = 1_000;
const KEYFRAME_INTERVAL = 1_000;

/** One named stream: at most one publisher, the newest epoch, and everybody who watches. */
export class Stream {
  readonly name: string;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #onUnused: () => void;
  readonly #host: ViewerHost;
  readonly #viewers = new Set<Viewer>();
  readonly #bitrate = new BitrateMeter();
  readonly #stopTicking: () => void;
  #publisher: { readonly link: PublisherLink; readonly feed: StreamFeed } | undefined;
  #epoch: Epoch | undefined;
  /** Whether the publisher that is there has begun an epoch of its own. */
  #onAir = false;
  #since = 0;
  #cancelHold: (() => void) | undefined;
  /** When its publisher came, or sent something, last. */
  #lastLifeAt = 0;
  #saidIdle = false;
  #keyframeAskedAt = -Infinity;
  #clockSentAt = -Infinity;
  #captured: { readonly media: number; readonly wall: number } | undefined;

  /** `onUnused` is called whenever nobody publishes or watches any more. */
  constructor(name: string, options: { clock: Clock; limits: RelayLimits; onUnused: () => void }) {
    this.name = name;
    this.#clock = options.clock;
    this.#limits = options.limits;
    this.#onUnused = options.onUnused;
    this.#host = this.#makeHost();
    this.#stopTicking = this.#clock.every(TICK, () => this.#tick());
  }

  /** The newest epoch, also while its publisher is away. */
  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Whether somebody publishes, or is waited for. */
  get published(): boolean {
    return this.#publisher !== undefined || this.#epoch !== undefined;
  }

  /** Whether nobody publishes, is waited for, or watches. */
  get unused(): boolean {
    return !this.published && this.#viewers.size === 0;
  }

  /** What the API tells, or undefined before the first init segment. */
  get info(): StreamInfo | undefined {
    if (this.#epoch === undefined) return undefined;
    return {
      name: this.name,
      state: this.#onAir ? 'live' : 'held',
      mime: this.#epoch.init.mime,
      tracks: this.#epoch.init.tracks.map(trackInfo),
      bitrate: Math.round(this.#bitrate.value),
      viewers: this.#viewers.size,
      since: this.#since,
    };
  }

  /**
   * Says, before a publisher is let in, whether it may have this stream.
   * @throws SluiceError `name-in-use` if another session publishes.
   */
  checkFree(session: string | undefined): void {
    const holder = this.#publisher?.link;
    if (holder === undefined || (session !== undefined && holder.session === session)) return;
    throw new SluiceError('name-in-use', `Cannot publish "${this.name}": somebody publishes it already`);
  }

  /**
   * Lets a publisher in; one of the same session that is still there is replaced.
   * @throws SluiceError `name-in-use` if another session publishes.
   */
  publish(link: PublisherLink): StreamFeed {
    this.checkFree(link.session);
    const replaced = this.#publisher?.link;
    const feed = this.#makeFeed();
    this.#publisher = { link, feed };
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#onAir = false;
    this.#noteLife();
    this.#keyframeAskedAt = -Infinity;
    replaced?.replaced();
    return feed;
  }

  /** Adds a viewer: it is sent what it needs at once, and then what comes. */
  watch(outlet: ViewerOutlet, resume?: ResumePoint): Viewer {
    const viewer = new Viewer(this.#host, outlet);
    this.#viewers.add(viewer);
    this.#guard(viewer, () => viewer.start(resume));
    return viewer;
  }

  /** Ends the stream for everybody. */
  close(reason: 'ended' | 'restart'): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#publisher = undefined;
    this.#epoch = undefined;
    this.#onAir = false;
    for (const viewer of this.#viewers) this.#guard(viewer, () => viewer.end(reason));
    this.#releaseIfUnused();
  }

  /** Stops the timers. The registry calls it once it has forgotten the stream. */
  dispose(): void {
    this.#stopTicking();
    this.#cancelHold?.();
  }

  #makeHost(): ViewerHost {
    const epoch = (): Epoch | undefined => this.#epoch;
    const silence = (): ViewerHost['silence'] => this.#silence;
    return {
      name: this.name,
      limits: this.#limits,
      get epoch() {
        return epoch();
      },
      get silence() {
        return silence();
      },
      now: () => this.#clock.now(),
      requestKeyframe: () => this.#requestKeyframe(),
      sendClock: (viewer) => this.#sendClock([viewer]),
      remove: (viewer) => {
        this.#viewers.delete(viewer);
        this.#releaseIfUnused();
      },
    };
  }

  #makeFeed(): StreamFeed {
    const viewers = this.#viewers;
    const current = (): boolean => this.#publisher?.feed === feed;
    const feed: StreamFeed = {
      init: (segment) => {
        if (current()) this.#beginEpoch(segment);
      },
      chunk: (chunk) => {
        if (current()) this.#deliver(chunk);
      },
      clock: (media, wall) => {
        if (current()) this.#captured = { media, wall };
      },
      end: () => {
        if (current()) this.close('ended');
      },
      lost: () => {
        if (current()) this.#hold();
      },
      get viewers() {
        return viewers.size;
      },
    };
    return feed;
  }

  get #silence(): ViewerHost['silence'] {
    if (!this.#onAir) return 'publisher';
    return this.#saidIdle ? 'idle' : undefined;
  }

  #beginEpoch(segment: InitSegment): void {
    if (this.#epoch === undefined) this.#since = this.#clock.wall();
    this.#epoch = new Epoch(segment, this.#limits);
    this.#onAir = true;
    this.#captured = undefined;
    this.#noteLife();
    for (const viewer of this.#viewers) this.#guard(viewer, () => viewer.epochBegan());
  }

  #deliver(chunk: Chunk): void {
    if (this.#epoch === undefined || !this.#onAir) return;
    const now = this.#clock.now();
    this.#noteLife();
    this.#bitrate.add(chunk.bytes.length);
    const held = this.#epoch.add(chunk, now);
    if (now - this.#clockSentAt >= TICK) {
      this.#clockSentAt = now;
      this.#sendClock(this.#viewers);
    }
    for (const viewer of this.#viewers) this.#guard(viewer, () => viewer.deliver(held));
  }

  #noteLife(): void {
    this.#lastLifeAt = this.#clock.now();
    this.#saidIdle = false;
  }

  #hold(): void {
    this.#publisher = undefined;
    this.#onAir = false;
    if (this.#epoch === undefined) {
      this.#releaseIfUnused();
      return;
    }
    this.#tellWaiting('publisher');
    this.#cancelHold = this.#clock.after(this.#limits.hold, () => this.close('ended'));
  }

  #tick(): void {
    this.#bitrate.tick();
    for (const viewer of this.#viewers) this.#guard(viewer, () => viewer.checkStall());
    if (this.#publisher === undefined || this.#saidIdle || this.#clock.now() - this.#lastLifeAt < this.#limits.idle) return;
    this.#saidIdle = true;
    this.#tellWaiting('idle');
  }

  #tellWaiting(reason: 'publisher' | 'idle'): void {
    for (const viewer of this.#viewers) this.#guard(viewer, () => viewer.tellWaiting(reason));
  }

  /** Tells the newest pair of media and wall time: as captured if the publisher says so, else as received. */
  #sendClock(viewers: Iterable<Viewer>): void {
    const newest = this.#epoch?.window.newest;
    const pair =
      this.#captured ??
      (newest && { media: newest.chunk.end, wall: Math.round(this.#clock.wall() - (this.#clock.now() - newest.at)) });
    if (pair === undefined) return;
    for (const viewer of viewers) this.#guard(viewer, () => viewer.tellClock(pair.media, pair.wall));
  }

  #requestKeyframe(): void {
    const now = this.#clock.now();
    if (this.#publisher === undefined || now - this.#keyframeAskedAt < KEYFRAME_INTERVAL) return;
    this.#keyframeAskedAt = now;
    this.#publisher.link.keyframe();
  }

  /** A viewer whose door throws is let go; the others don't notice. */
  #guard(viewer: Viewer, run: () => void): void {
    try {
      run();
    } catch (cause) {
      try {
        viewer.fail(new SluiceError('internal', `Cannot serve a viewer of "${this.name}"`, { cause }));
      } catch {
        // The door is broken for good: its socket's own close event frees what it holds.
      }
    }
  }

  #releaseIfUnused(): void {
    if (this.unused) this.#onUnused();
  }
}

