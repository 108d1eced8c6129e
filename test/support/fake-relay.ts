import type { InitSegment } from '../../src/media/chunk';
import type { SluiceError } from '../../src/protocol/error-code';
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from '../../src/relay/relay-limits';
import type { PublisherLink, StreamFeed } from '../../src/relay/stream-feed';
import { StreamRegistry } from '../../src/relay/stream-registry';
import type { Viewer } from '../../src/relay/viewer';
import type { MediaPlace } from '../../src/relay/viewer-outlet';
import { FakeClock } from './fake-clock';
import { initSegment } from './fake-media';
import { FakeOutlet } from './fake-outlet';

/** A publisher's end of the relay, which counts what it is asked. */
export class FakeLink implements PublisherLink {
  readonly session?: string;
  keyframes = 0;
  replacements = 0;
  refusal: SluiceError | undefined;

  constructor(session?: string) {
    if (session !== undefined) this.session = session;
  }

  replaced(): void {
    this.replacements++;
  }

  refused(error: SluiceError): void {
    this.refusal = error;
  }

  keyframe(): void {
    this.keyframes++;
  }
}

/** A viewer with its door. */
export interface Watching {
  readonly viewer: Viewer;
  readonly outlet: FakeOutlet;
}

/** The relay without its doors, in time that stands still. One stream, `cam`, is at hand. */
export class FakeRelay {
  readonly clock = new FakeClock();
  readonly registry: StreamRegistry;
  /** What code threw that nobody waits for. */
  readonly faults: unknown[] = [];

  /** `load` says how busy the process is. Chunks count no more than their bytes, unless `limits` say so. */
  constructor(limits: Partial<RelayLimits> = {}, load = (): number => 0) {
    this.registry = new StreamRegistry({
      clock: this.clock,
      limits: { ...DEFAULT_RELAY_LIMITS, windowOverhead: { perChunk: 0, perSpan: 0 }, ...limits },
      load,
      failed: (error) => this.faults.push(error),
    });
  }

  publish(link: PublisherLink = new FakeLink()): StreamFeed {
    return this.registry.publish('cam', link);
  }

  /** A publisher that has begun an epoch already. */
  live(link?: PublisherLink, init: InitSegment = initSegment()): StreamFeed {
    const feed = this.publish(link);
    feed.init(init);
    return feed;
  }

  watch(resume?: MediaPlace, outlet = new FakeOutlet()): Watching {
    return { outlet, viewer: this.registry.watch('cam', outlet, { resume }) };
  }

  /** The newest epoch of `cam`. */
  get epoch(): string {
    return this.registry.get('cam')!.epoch!.id;
  }
}
