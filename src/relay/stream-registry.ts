import { SluiceError } from '../protocol/error-code';
import type { StreamInfo } from '../protocol/stream-info';
import { isStreamName, shownName } from '../protocol/stream-name';
import type { ViewerTransport } from '../protocol/viewer-info';
import type { WatchOptions } from './audience';
import type { Clock, Failed } from './clock';
import { DeliveryPace } from './delivery-pace';
import { DeliveryTick } from './delivery-tick';
import { NameBars } from './name-bars';
import type { RelayLimits } from './relay-limits';
import { type RelayObserver, RelayObservers, type MissingKeyframe, type Refusal, type TimesJump } from './relay-observer';
import { RelayTotals } from './relay-totals';
import { Stream } from './stream';
import type { PublisherLink, StreamFeed } from './stream-feed';
import type { StreamServices } from './stream-services';
import type { Viewer } from './viewer';
import type { ViewerOutlet } from './viewer-outlet';

/** How many streams are live, how many are held for their publisher or wait for its first bytes, and how many watch by each door. */
export interface Census {
  readonly live: number;
  readonly held: number;
  readonly viewers: ReadonlyMap<ViewerTransport, number>;
}

/** All streams by name. A stream is there as long as somebody publishes, is waited for, or watches. */
export class StreamRegistry {
  readonly #services: StreamServices;
  readonly #observers: RelayObservers;
  readonly #bars: NameBars;
  readonly #streams = new Map<string, Stream>();
  #closed = false;

  /** `load` says what share of the time since its last call the process was busy, 0 to 1. The timers of `clock` are guarded. */
  constructor({ clock, limits, load = () => 0, failed }: { clock: Clock; limits: RelayLimits; load?: () => number; failed: Failed }) {
    const observers = (this.#observers = new RelayObservers(failed));
    this.#services = { clock, limits, tick: new DeliveryTick(clock, failed), pace: new DeliveryPace({ clock, load }), totals: new RelayTotals(), observers, failed };
    this.#bars = new NameBars({ clock, hold: limits.hold });
  }

  /** The stream of that name, if there is one. */
  get(name: string): Stream | undefined {
    return this.#streams.get(name);
  }

  /** Every stream, also one that is only waited for. */
  get streams(): Iterable<Stream> {
    return this.#streams.values();
  }

  /** What was done since the start. */
  get totals(): RelayTotals {
    return this.#services.totals;
  }

  /** Tells `observer` what happens, until the returned function is called. */
  observe(observer: RelayObserver): () => void {
    return this.#observers.add(observer);
  }

  /** Notes that a publisher was turned away, or has to go. */
  refused(refusal: Refusal): void {
    this.totals.countError(refusal.error.code);
    this.#observers.publisherRefused(refusal);
  }

  /** Reports that the times of a publisher have jumped. */
  timesJumped(jump: TimesJump): void {
    this.#observers.timesJumped(jump);
  }

  /** Reports that no keyframe of a publisher has come for long. */
  keyframeMissing(missing: MissingKeyframe): void {
    this.#observers.keyframeMissing(missing);
  }

  /** How much there is of everything just now. */
  census(): Census {
    const streams = [...this.#streams.values()];
    const viewers = new Map<ViewerTransport, number>();
    for (const stream of streams) stream.countTransports(viewers);
    const live = streams.filter((stream) => stream.live).length;
    return { live, held: streams.filter((stream) => stream.published).length - live, viewers };
  }

  /** Every stream that has media, by name. */
  list(): StreamInfo[] {
    return [...this.#streams.values()]
      .flatMap((stream) => stream.info ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Says, before anything is created for a publisher, whether it may have that name.
   * @throws SluiceError `bad-name`, `restarting`, `ended-by-operator`, `name-in-use`, `full`.
   */
  checkFree(name: string, session?: string): void {
    checkName(name);
    this.#checkOpen();
    this.#bars.check(name);
    const stream = this.#streams.get(name);
    stream?.checkFree(session);
    if (stream?.published !== true) this.#checkRoom();
  }

  /**
   * Lets a publisher in.
   * @throws SluiceError as `checkFree` does.
   */
  publish(name: string, link: PublisherLink): StreamFeed {
    this.checkFree(name, link.session);
    return this.#open(name).publish(link);
  }

  /**
   * Lets a viewer in, also where nobody publishes yet.
   * @throws SluiceError `bad-name`, `restarting`.
   */
  watch(name: string, outlet: ViewerOutlet, options?: WatchOptions): Viewer {
    this.#checkOpen();
    return this.#open(name).watch(outlet, options);
  }

  /**
   * Ends a stream at the operator's wish: its publisher is told, and nobody may publish its name for as long as streams are
   * held, 10 s at least.
   * @throws SluiceError `no-stream`.
   */
  end(name: string): void {
    const stream = this.#streams.get(name);
    if (stream?.published !== true) throw new SluiceError('no-stream', `Cannot end "${name}": nobody publishes it`);
    stream.terminate(this.#bars.add(name));
  }

  /** Lets a name be published again that `end` has barred. */
  readmit(name: string): void {
    this.#bars.lift(name);
  }

  /** The relay restarts: tells every viewer, and lets nobody else in. */
  close(): void {
    this.#closed = true;
    for (const stream of [...this.#streams.values()]) stream.close('restart');
  }

  /** Who was being let in when the relay stopped would stay, and nothing would end it. */
  #checkOpen(): void {
    if (this.#closed) throw new SluiceError('restarting', 'Cannot let anybody in: the relay is stopping', { retryAfter: 1 });
  }

  #checkRoom(): void {
    const { streams: limit } = this.#services.limits;
    const published = [...this.#streams.values()].filter((stream) => stream.published).length;
    if (published >= limit) throw new SluiceError('full', `Cannot publish another stream: there are ${limit} (--max-streams)`, { retryAfter: 10 });
  }

  #open(name: string): Stream {
    checkName(name);
    const known = this.#streams.get(name);
    if (known !== undefined) return known;
    const stream: Stream = new Stream(name, {
      ...this.#services,
      onUnused: () => {
        if (this.#streams.get(name) === stream) this.#streams.delete(name);
        stream.dispose();
      },
    });
    this.#streams.set(name, stream);
    return stream;
  }
}

/**
 * Refuses what may not name a stream.
 * @throws SluiceError `bad-name`.
 */
export function checkName(name: string): void {
  if (!isStreamName(name)) throw new SluiceError('bad-name', `Cannot use ${JSON.stringify(shownName(name))} as the name of a stream`);
}
