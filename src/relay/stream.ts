import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { SluiceError } from '../protocol/error-code';
import type { PublisherInfo } from '../protocol/stream-detail';
import type { StreamInfo } from '../protocol/stream-info';
import type { ViewerInfo, ViewerTransport } from '../protocol/viewer-info';
import { Audience, type WatchOptions } from './audience';
import { BitrateMeter } from './bitrate-meter';
import type { Clock, Failed } from './clock';
import type { DeliveryPace } from './delivery-pace';
import { Epoch } from './epoch';
import type { Guest } from './guest';
import { placeChunk } from './media-message';
import { PublisherPlace } from './publisher-place';
import type { RelayLimits } from './relay-limits';
import type { RelayObserver, StreamEnding } from './relay-observer';
import type { RelayTotals } from './relay-totals';
import type { PublisherLink, StreamFeed } from './stream-feed';
import type { StreamListener } from './stream-listener';
import type { StreamServices } from './stream-services';
import { trackInfo } from './track-info';
import type { Viewer } from './viewer';
import type { ViewerOutlet } from './viewer-outlet';

const TICK = 1_000;

/** One named stream: the place of its publisher, the newest epoch, and its audience. */
export class Stream {
  readonly name: string;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #onUnused: () => void;
  readonly #pace: DeliveryPace;
  readonly #totals: RelayTotals;
  readonly #observers: RelayObserver;
  readonly #failed: Failed;
  readonly #place: PublisherPlace;
  readonly #audience: Audience;
  readonly #listeners = new Set<StreamListener>();
  readonly #bitrate = new BitrateMeter();
  readonly #stopTicking: () => void;
  #epoch: Epoch | undefined;
  #stopped: readonly Track['kind'][] = [];
  #since = 0;

  /** `onUnused` is called whenever nobody publishes or watches any more. */
  constructor(name: string, { onUnused, ...services }: StreamServices & { onUnused: () => void }) {
    const { clock, limits, pace, totals, observers, failed } = services;
    this.name = name;
    this.#clock = clock;
    this.#limits = limits;
    this.#pace = pace;
    this.#totals = totals;
    this.#observers = observers;
    this.#failed = failed;
    this.#onUnused = onUnused;
    this.#place = new PublisherPlace({ name, clock, limits, failed });
    this.#audience = new Audience({
      ...services,
      name,
      epoch: () => this.#epoch,
      silence: () => this.#place.silence,
      requestKeyframe: () => this.requestKeyframe(),
      left: () => this.#releaseIfUnused(),
    });
    this.#stopTicking = this.#clock.every(TICK, () => this.#tick());
  }

  /** The newest epoch, also while its publisher is away. */
  get epoch(): Epoch | undefined {
    return this.#epoch;
  }

  /** How many watch, by whatever door. */
  get viewers(): number {
    return this.#audience.size;
  }

  /** Median of the seconds from capture to picture that viewers have reported lately, each viewer once, if any has. */
  get latency(): number | undefined {
    return this.#audience.latency;
  }

  /** Adds how many watch by each door. */
  countTransports(counts: Map<ViewerTransport, number>): void {
    this.#audience.countTransports(counts);
  }

  /** Whether somebody publishes now. */
  get live(): boolean {
    return this.#place.live;
  }

  /** Whether somebody publishes, or is waited for. */
  get published(): boolean {
    return this.#place.taken || this.#epoch !== undefined;
  }

  /** Whether nobody publishes, is waited for, or watches. */
  get unused(): boolean {
    return !this.published && !this.#audience.isServed;
  }

  /** What the API tells, or undefined before the first init segment. */
  get info(): StreamInfo | undefined {
    if (this.#epoch === undefined) return undefined;
    return {
      name: this.name,
      state: this.live ? 'live' : 'held',
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
    const { info } = this.#place;
    const lag = this.#epoch?.clock.lag;
    return info && { ...info, ...(lag !== undefined && { lag }) };
  }

  /** Everybody who watches, by whatever door. */
  viewerInfos(): Iterable<ViewerInfo> {
    return this.#audience.infos();
  }

  /** Lets the viewer of that id go, as `error` says; false if there is none. */
  disconnect(id: string, error: SluiceError): boolean {
    return this.#audience.disconnect(id, error);
  }

  /**
   * Says, before a publisher is let in, whether it may have this stream.
   * @throws SluiceError `name-in-use` if another session publishes.
   */
  checkFree(session: string | undefined): void {
    this.#place.checkFree(session);
  }

  /**
   * Lets a publisher in; one of the same session that is still there is replaced.
   * @throws SluiceError `name-in-use` if another session publishes.
   */
  publish(link: PublisherLink): StreamFeed {
    const feed = this.#makeFeed();
    this.#place.take(link, feed);
    return feed;
  }

  /** Adds a viewer: it is sent what it needs at once, and then what comes. */
  watch(outlet: ViewerOutlet, options: WatchOptions = {}): Viewer {
    return this.#audience.watch(outlet, options);
  }

  /** Lets `listener` follow the media until the returned function is called. The stream isn't held for it. */
  listen(listener: StreamListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Counts a viewer that its door serves from what is held, until it leaves. */
  count(options: { address: string; disconnect: (error: SluiceError) => void }): Guest {
    return this.#audience.count(options);
  }

  /** Asks the publisher for a keyframe, at most once a second. */
  requestKeyframe(): void {
    this.#place.requestKeyframe();
  }

  /** Ends the stream for everybody at the operator's wish; its publisher is told why. */
  terminate(error: SluiceError): void {
    this.#end('operator')(error);
  }

  /** Ends the stream for everybody. */
  close(reason: 'ended' | 'restart'): void {
    this.#end(reason);
  }

  /** Returns what tells the publisher why. */
  #end(reason: StreamEnding): (error: SluiceError) => void {
    const known = this.#epoch !== undefined;
    this.#audience.afterFlush((viewer) => viewer.flush());
    const tellPublisher = this.#place.clear();
    this.#epoch = undefined;
    this.#tellListeners((listener) => listener.ended(reason));
    if (known) this.#observers.streamEnded({ name: this.name, since: this.#since, reason });
    this.#audience.each((viewer) => viewer.end(reason === 'restart' ? 'restart' : 'ended'));
    this.#releaseIfUnused();
    return tellPublisher;
  }

  /** Stops the timers. The registry calls it once it has forgotten the stream. */
  dispose(): void {
    this.#stopTicking();
    this.#audience.dispose();
    this.#place.dispose();
  }

  #makeFeed(): StreamFeed {
    const viewers = (): number => this.viewers;
    const latency = (): number | undefined => this.latency;
    const current = (): boolean => this.#place.isOf(feed);
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
        if (current() && this.live) this.#epoch?.clock.note({ media, wall });
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

  #beginEpoch(segment: InitSegment, stopped: readonly Track['kind'][] = []): void {
    const resumed = this.#epoch !== undefined;
    this.#audience.afterFlush((viewer) => viewer.epochEnds());
    if (!resumed) this.#since = this.#clock.wall();
    const epoch = (this.#epoch = new Epoch(segment, { limits: this.#limits, clock: this.#clock, before: this.#epoch }));
    this.#noteStopped(stopped);
    const isFirst = this.#place.begin();
    if (isFirst) this.#observers.streamLive({ name: this.name, mime: segment.mime, resumed });
    this.#audience.forgetLatencies();
    this.#tellListeners((listener) => listener.epochBegan(epoch));
    this.#audience.each((viewer) => viewer.epochBegan());
  }

  #deliver(chunk: Chunk): void {
    const epoch = this.#epoch;
    if (epoch === undefined || !this.live) return;
    const now = this.#clock.now();
    this.#place.noteLife();
    this.#bitrate.add(chunk.bytes.length);
    this.#totals.receivedBytes += chunk.bytes.length;
    this.#totals.receivedChunks++;
    const held = epoch.add(chunk, now);
    this.#tellListeners((listener) => listener.chunkHeld(held, epoch));
    this.#audience.deliver(held, now);
  }

  #deliverAgain(chunk: Chunk): void {
    const epoch = this.#epoch;
    if (epoch === undefined || !this.live) return;
    const held = placeChunk(chunk, { from: epoch.position, at: this.#clock.now() });
    this.#tellListeners((listener) => listener.chunkHeld(held, epoch));
  }

  #noteStopped(kinds: readonly Track['kind'][]): void {
    if (kinds.join() === this.#stopped.join()) return;
    this.#stopped = kinds;
    this.#observers.tracksStopped({ name: this.name, stopped: kinds });
  }

  #hold(): void {
    const wasLive = this.#place.leave();
    this.#noteStopped([]);
    if (wasLive) this.#observers.streamHeld(this.name);
    if (this.#epoch === undefined) {
      this.#releaseIfUnused();
      return;
    }
    this.#audience.tellWaiting('publisher');
    this.#place.hold(() => this.close('ended'));
  }

  #tick(): void {
    this.#bitrate.tick();
    this.#pace.update();
    const place = this.#epoch && { epoch: this.#epoch.id, position: this.#epoch.position };
    this.#audience.each((viewer) => {
      viewer.checkStall();
      if (place !== undefined) viewer.mark(place);
    });
    if (this.#place.fallsSilent()) this.#audience.tellWaiting('idle');
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
}
