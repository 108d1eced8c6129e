import type { Chunk, InitSegment, Track } from '../media/chunk';
import { SluiceError } from '../protocol/error-code';
import type { PublisherInfo } from '../protocol/stream-detail';
import type { StreamInfo } from '../protocol/stream-info';
import type { ViewerInfo, ViewerTransport } from '../protocol/viewer-info';
import { BitrateMeter } from './bitrate-meter';
import type { Clock } from './clock';
import type { DeliveryInterval, DeliveryPace } from './delivery-pace';
import type { DeliveryTick } from './delivery-tick';
import { Epoch } from './epoch';
import type { Failed } from './failed';
import { FanOut } from './fan-out';
import { Guest } from './guest';
import { LatencyReports } from './latency-reports';
import { placeChunk } from './media-message';
import type { RelayLimits } from './relay-limits';
import type { RelayObserver, StreamEnding } from './relay-observer';
import type { RelayTotals } from './relay-totals';
import type { PublisherLink, StreamFeed } from './stream-feed';
import type { StreamListener } from './stream-listener';
import { trackInfo } from './track-info';
import { Viewer, type ViewerHost } from './viewer';
import type { MediaPlace, ViewerOutlet } from './viewer-outlet';

const TICK = 1_000;
const KEYFRAME_INTERVAL = 1_000;

/** What all streams of a relay share. */
export interface StreamServices {
  readonly clock: Clock;
  readonly limits: RelayLimits;
  readonly tick: DeliveryTick;
  readonly pace: DeliveryPace;
  readonly totals: RelayTotals;
  readonly observers: RelayObserver;
  /** Takes what listeners, publishers' doors and viewers throw. */
  readonly failed: Failed;
}

/** How a viewer would like to begin. */
export interface WatchOptions {
  /** Where it was, so that it goes on there if that is still held. */
  readonly resume?: MediaPlace | undefined;
  /** How long chunks are gathered for it, ms; by default as the load allows. */
  readonly interval?: DeliveryInterval | undefined;
  /** Where it comes from, for people. */
  readonly address?: string | undefined;
}

/** One named stream: at most one publisher, the newest epoch, and everybody who watches. */
export class Stream {
  readonly name: string;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #onUnused: () => void;
  readonly #host: ViewerHost;
  readonly #pace: DeliveryPace;
  readonly #totals: RelayTotals;
  readonly #observers: RelayObserver;
  readonly #failed: Failed;
  readonly #viewers: FanOut;
  readonly #listeners = new Set<StreamListener>();
  readonly #guests = new Set<Guest>();
  readonly #bitrate = new BitrateMeter();
  readonly #latencies = new LatencyReports();
  readonly #stopTicking: () => void;
  #publisher: { readonly link: PublisherLink; readonly feed: StreamFeed; readonly since: number } | undefined;
  #epoch: Epoch | undefined;
  #stopped: readonly Track['kind'][] = [];
  /** Whether the publisher that is there has begun an epoch of its own. */
  #onAir = false;
  #since = 0;
  #cancelHold: (() => void) | undefined;
  /** When its publisher broke off; those who come and go since without an epoch don't prolong the wait. */
  #heldSince: number | undefined;
  /** When its publisher came, or sent something, last. */
  #lastLifeAt = 0;
  #saidIdle = false;
  #keyframeAskedAt = -Infinity;

  /** `onUnused` is called whenever nobody publishes or watches any more. */
  constructor(name: string, { clock, limits, tick, pace, totals, observers, failed, onUnused }: StreamServices & { onUnused: () => void }) {
    this.name = name;
    this.#clock = clock;
    this.#limits = limits;
    this.#pace = pace;
    this.#totals = totals;
    this.#observers = observers;
    this.#failed = failed;
    this.#onUnused = onUnused;
    this.#viewers = new FanOut({ name, tick, pace, now: () => clock.now(), failed });
    this.#host = this.#makeHost();
    this.#stopTicking = this.#clock.every(TICK, () => this.#tick());
  }

  /** The newest epoch, also while its publisher is away. */
  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  /** How many watch, by whatever door. */
  get viewers(): number {
    return this.#viewers.size + this.#guests.size;
  }

  /** Median of the seconds from capture to picture that viewers have reported lately, each viewer once, if any has. */
  get latency(): number | undefined {
    return this.#latencies.median(this.#clock.now());
  }

  /** Adds how many watch by each door. */
  countTransports(counts: Map<ViewerTransport, number>): void {
    this.#viewers.countTransports(counts);
    if (this.#guests.size > 0) counts.set('hls', (counts.get('hls') ?? 0) + this.#guests.size);
  }

  /** Whether somebody publishes now. */
  get live(): boolean {
    return this.#onAir;
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
      viewers: this.viewers,
      since: this.#since,
    };
  }

  /** The kinds of the tracks that have stopped while the other goes on. */
  get stopped(): readonly Track['kind'][] {
    return this.#stopped;
  }

  /** Who publishes now, if somebody does. */
  get publisher(): PublisherInfo | undefined {
    if (this.#publisher === undefined) return undefined;
    const { link, since } = this.#publisher;
    const lag = this.#epoch?.clock.lag;
    return { transport: 'source', ...link.origin, since, ...(lag !== undefined && { lag }) };
  }

  /** Everybody who watches, by whatever door. */
  *viewerInfos(): Iterable<ViewerInfo> {
    for (const { info } of this.#viewers.viewers) yield info;
    for (const { info } of this.#guests) yield info;
  }

  /** Lets the viewer of that id go, as `error` says; false if there is none. */
  disconnect(id: string, error: SluiceError): boolean {
    for (const viewer of [...this.#viewers.viewers, ...this.#guests]) {
      if (viewer.id !== id) continue;
      viewer.fail(error);
      return true;
    }
    return false;
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
    this.#publisher = { link, feed, since: this.#clock.wall() };
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#onAir = false;
    this.#noteLife();
    this.#keyframeAskedAt = -Infinity;
    this.#tellLink(() => replaced?.replaced());
    return feed;
  }

  /** Adds a viewer: it is sent what it needs at once, and then what comes. */
  watch(outlet: ViewerOutlet, { resume, interval, address }: WatchOptions = {}): Viewer {
    const viewer = new Viewer(this.#host, outlet, address);
    this.#viewers.add(viewer, interval);
    this.#observers.viewerJoined(this.name);
    this.#viewers.guard(viewer, () => viewer.start(resume));
    return viewer;
  }

  /** Lets `listener` follow the media until the returned function is called. The stream isn't held for it. */
  listen(listener: StreamListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Counts a viewer that its door serves from what is held, until it leaves. */
  count({ address, disconnect }: { address: string; disconnect: (error: SluiceError) => void }): Guest {
    const guest = new Guest({
      address,
      since: this.#clock.wall(),
      disconnect,
      reportLatency: (latency) => this.#latencies.add(guest, latency, this.#clock.now()),
      left: () => {
        this.#guests.delete(guest);
        this.#latencies.remove(guest);
        this.#observers.viewerLeft(this.name);
      },
    });
    this.#guests.add(guest);
    this.#observers.viewerJoined(this.name);
    return guest;
  }

  /** Asks the publisher for a keyframe, at most once a second. */
  requestKeyframe(): void {
    const now = this.#clock.now();
    if (this.#publisher === undefined || now - this.#keyframeAskedAt < KEYFRAME_INTERVAL) return;
    this.#keyframeAskedAt = now;
    const { link } = this.#publisher;
    this.#tellLink(() => link.keyframe());
  }

  /** Ends the stream for everybody at the operator's wish; its publisher is told why. */
  terminate(error: SluiceError): void {
    const link = this.#publisher?.link;
    this.#end('operator');
    this.#tellLink(() => link?.refused(error));
  }

  /** Ends the stream for everybody. */
  close(reason: 'ended' | 'restart'): void {
    this.#end(reason);
  }

  #end(reason: StreamEnding): void {
    const known = this.#epoch !== undefined;
    this.#viewers.flush();
    this.#viewers.each((viewer) => viewer.flush());
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    this.#heldSince = undefined;
    this.#publisher = undefined;
    this.#epoch = undefined;
    this.#onAir = false;
    this.#tellListeners((listener) => listener.ended(reason));
    if (known) this.#observers.streamEnded({ name: this.name, since: this.#since, reason });
    this.#viewers.each((viewer) => viewer.end(reason === 'restart' ? 'restart' : 'ended'));
    this.#releaseIfUnused();
  }

  /** Stops the timers. The registry calls it once it has forgotten the stream. */
  dispose(): void {
    this.#stopTicking();
    this.#viewers.dispose();
    this.#cancelHold?.();
  }

  #makeHost(): ViewerHost {
    const epoch = (): Epoch | undefined => this.#epoch;
    const silence = (): ViewerHost['silence'] => this.#silence;
    return {
      name: this.name,
      limits: this.#limits,
      totals: this.#totals,
      get epoch() {
        return epoch();
      },
      get silence() {
        return silence();
      },
      now: () => this.#clock.now(),
      wall: () => this.#clock.wall(),
      requestKeyframe: () => this.requestKeyframe(),
      reportLatency: (viewer, latency) => this.#latencies.add(viewer, latency, this.#clock.now()),
      remove: (viewer) => {
        this.#viewers.remove(viewer);
        this.#latencies.remove(viewer);
        this.#observers.viewerLeft(this.name);
        this.#releaseIfUnused();
      },
      tooSlow: () => this.#observers.viewerTooSlow(this.name),
    };
  }

  #makeFeed(): StreamFeed {
    const viewers = (): number => this.viewers;
    const latency = (): number | undefined => this.latency;
    const current = (): boolean => this.#publisher?.feed === feed;
    const feed: StreamFeed = {
      init: (segment, stopped) => {
        if (current()) this.#beginEpoch(segment, stopped);
      },
      chunk: (chunk) => {
        if (current()) this.#deliver(chunk);
      },
      again: (chunk) => {
        if (current()) this.#deliverAgain(chunk);
      },
      stopped: (kinds) => {
        if (current()) this.#noteStopped(kinds);
      },
      clock: (media, wall) => {
        // What it says before its own media has begun is of no epoch that there is.
        if (current() && this.#onAir) this.#epoch?.clock.note({ media, wall });
      },
      end: () => {
        if (current()) this.close('ended');
      },
      lost: () => {
        if (current()) this.#hold();
      },
      get viewers() {
        return viewers();
      },
      get latency() {
        return latency();
      },
    };
    return feed;
  }

  get #silence(): ViewerHost['silence'] {
    if (!this.#onAir) return 'publisher';
    return this.#saidIdle ? 'idle' : undefined;
  }

  #beginEpoch(segment: InitSegment, stopped: readonly Track['kind'][] = []): void {
    this.#viewers.flush();
    const resumed = this.#epoch !== undefined;
    const begins = !this.#onAir;
    if (!resumed) this.#since = this.#clock.wall();
    this.#viewers.each((viewer) => viewer.epochEnds());
    const epoch = (this.#epoch = new Epoch(segment, { limits: this.#limits, clock: this.#clock, before: this.#epoch }));
    this.#noteStopped(stopped);
    this.#onAir = true;
    if (begins) this.#observers.streamLive({ name: this.name, mime: segment.mime, resumed });
    this.#heldSince = undefined;
    this.#latencies.clear();
    this.#noteLife();
    this.#tellListeners((listener) => listener.epochBegan(epoch));
    this.#viewers.each((viewer) => viewer.epochBegan());
  }

  #deliver(chunk: Chunk): void {
    const epoch = this.#epoch;
    if (epoch === undefined || !this.#onAir) return;
    const now = this.#clock.now();
    this.#noteLife();
    this.#bitrate.add(chunk.bytes.length);
    this.#totals.receivedBytes += chunk.bytes.length;
    this.#totals.receivedChunks++;
    const held = epoch.add(chunk, now);
    this.#tellListeners((listener) => listener.chunkHeld(held, epoch));
    this.#viewers.deliver(held, now);
  }

  #deliverAgain(chunk: Chunk): void {
    const epoch = this.#epoch;
    if (epoch === undefined || !this.#onAir) return;
    const held = placeChunk(chunk, { from: epoch.position, at: this.#clock.now() });
    this.#tellListeners((listener) => listener.chunkHeld(held, epoch));
  }

  #noteStopped(kinds: readonly Track['kind'][]): void {
    if (kinds.join() === this.#stopped.join()) return;
    this.#stopped = kinds;
    this.#observers.tracksStopped({ name: this.name, stopped: kinds });
  }

  #noteLife(): void {
    this.#lastLifeAt = this.#clock.now();
    this.#saidIdle = false;
  }

  #hold(): void {
    const wasOnAir = this.#onAir;
    this.#publisher = undefined;
    this.#onAir = false;
    this.#noteStopped([]);
    if (wasOnAir) this.#observers.streamHeld(this.name);
    if (this.#epoch === undefined) {
      this.#releaseIfUnused();
      return;
    }
    this.#tellWaiting('publisher');
    const now = this.#clock.now();
    this.#heldSince ??= now;
    this.#cancelHold = this.#clock.after(Math.max(0, this.#heldSince + this.#limits.hold - now), () => this.close('ended'));
  }

  #tick(): void {
    this.#bitrate.tick();
    this.#pace.update();
    const place = this.#epoch && { epoch: this.#epoch.id, position: this.#epoch.position };
    this.#viewers.each((viewer) => {
      viewer.checkStall();
      if (place !== undefined) viewer.mark(place);
    });
    if (this.#publisher === undefined || this.#saidIdle || this.#clock.now() - this.#lastLifeAt < this.#limits.idle) return;
    this.#saidIdle = true;
    this.#tellWaiting('idle');
  }

  #tellWaiting(reason: 'publisher' | 'idle'): void {
    this.#viewers.flush();
    this.#viewers.each((viewer) => viewer.tellWaiting(reason));
  }

  #releaseIfUnused(): void {
    if (this.unused) this.#onUnused();
  }

  #tellListeners(tell: (listener: StreamListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        tell(listener);
      } catch (error) {
        this.#failed(error, 'a listener of a stream');
      }
    }
  }

  /** A publisher's door that throws is left to its own close event; the stream goes on. */
  #tellLink(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#failed(error, 'the door of a publisher');
    }
  }
}
