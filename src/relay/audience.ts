import type { SluiceError } from '../protocol/error-code';
import type { ViewerInfo, ViewerTransport } from '../protocol/viewer-info';
import type { WaitingReason } from '../protocol/watch-message';
import type { DeliveryInterval } from './delivery-pace';
import type { Epoch } from './epoch';
import { FanOut } from './fan-out';
import { Guest } from './guest';
import { LatencyReports } from './latency-reports';
import type { HeldChunk } from './media-message';
import type { StreamServices } from './stream-services';
import { Viewer, type ViewerHost } from './viewer';
import type { MediaPlace, ViewerOutlet } from './viewer-outlet';

/** How a viewer would like to begin. */
export interface WatchOptions {
  /** Where it was, so that it goes on there if that is still held. */
  readonly resume?: MediaPlace | undefined;
  /** How long chunks are gathered for it, ms; by default as the load allows. */
  readonly interval?: DeliveryInterval | undefined;
  /** Where it comes from, for people. */
  readonly address?: string | undefined;
}

/** What an audience needs of its stream. */
export interface AudienceOptions extends StreamServices {
  /** Of the stream. */
  readonly name: string;
  readonly epoch: () => Epoch | undefined;
  /** Why the publisher sends nothing just now, if so. */
  readonly silence: () => ViewerHost['silence'];
  readonly requestKeyframe: () => void;
  /** A viewer has gone. */
  readonly left: () => void;
}

/** Everybody who watches a stream, by whatever door. */
export class Audience {
  readonly #options: AudienceOptions;
  readonly #host: ViewerHost;
  readonly #viewers: FanOut;
  readonly #guests = new Set<Guest>();
  readonly #latencies = new LatencyReports();

  constructor(options: AudienceOptions) {
    const { name, tick, pace, clock, failed } = options;
    this.#options = options;
    this.#viewers = new FanOut({ name, tick, pace, now: () => clock.now(), failed });
    this.#host = this.#makeHost();
  }

  /** How many there are. */
  get size(): number {
    return this.#viewers.size + this.#guests.size;
  }

  /** Whether the relay sends to anybody; a guest is served by its door, from what is held. */
  get isServed(): boolean {
    return this.#viewers.size > 0;
  }

  /** Median of the seconds from capture to picture that they have reported lately, each once, if any has. */
  get latency(): number | undefined {
    return this.#latencies.median(this.#options.clock.now());
  }

  /** What the API says of each. */
  *infos(): Iterable<ViewerInfo> {
    for (const { info } of this.#viewers.viewers) yield info;
    for (const { info } of this.#guests) yield info;
  }

  /** Adds how many there are by each door. */
  countTransports(counts: Map<ViewerTransport, number>): void {
    this.#viewers.countTransports(counts);
    if (this.#guests.size > 0) counts.set('hls', (counts.get('hls') ?? 0) + this.#guests.size);
  }

  /** Adds a viewer: it is sent what it needs at once, and then what comes. */
  watch(outlet: ViewerOutlet, { resume, interval, address }: WatchOptions): Viewer {
    const viewer = new Viewer(this.#host, outlet, address);
    this.#viewers.add(viewer, interval);
    this.#options.observers.viewerJoined(this.#options.name);
    this.#viewers.guard(viewer, () => viewer.start(resume));
    return viewer;
  }

  /** Counts a viewer that its door serves from what is held, until it leaves. */
  count({ address, disconnect }: { address: string; disconnect: (error: SluiceError) => void }): Guest {
    const { name, clock, observers } = this.#options;
    const guest = new Guest({
      address,
      since: clock.wall(),
      disconnect,
      reportLatency: (latency) => this.#latencies.add(guest, latency, clock.now()),
      left: () => {
        this.#guests.delete(guest);
        this.#latencies.remove(guest);
        observers.viewerLeft(name);
      },
    });
    this.#guests.add(guest);
    observers.viewerJoined(name);
    return guest;
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

  /** Passes on the newest chunk, at `now`. */
  deliver(held: HeldChunk, now: number): void {
    this.#viewers.deliver(held, now);
  }

  /** Does the same for every viewer that the relay sends to, once all is sent that was gathered for it. */
  afterFlush(run: (viewer: Viewer) => void): void {
    this.#viewers.flush();
    this.#viewers.each(run);
  }

  /** Does the same for every viewer that the relay sends to. */
  each(run: (viewer: Viewer) => void): void {
    this.#viewers.each(run);
  }

  /** Says why nothing comes. */
  tellWaiting(reason: WaitingReason): void {
    this.afterFlush((viewer) => viewer.tellWaiting(reason));
  }

  /** What they have reported is about another epoch. */
  forgetLatencies(): void {
    this.#latencies.clear();
  }

  /** Stops the timers. */
  dispose(): void {
    this.#viewers.dispose();
  }

  #makeHost(): ViewerHost {
    const { name, clock, limits, totals, observers, epoch, silence, requestKeyframe, left } = this.#options;
    return {
      name,
      limits,
      totals,
      get epoch() {
        return epoch();
      },
      get silence() {
        return silence();
      },
      now: () => clock.now(),
      wall: () => clock.wall(),
      requestKeyframe,
      reportLatency: (viewer, latency) => this.#latencies.add(viewer, latency, clock.now()),
      remove: (viewer) => {
        this.#viewers.remove(viewer);
        this.#latencies.remove(viewer);
        observers.viewerLeft(name);
        left();
      },
      tooSlow: () => observers.viewerTooSlow(name),
    };
  }
}
