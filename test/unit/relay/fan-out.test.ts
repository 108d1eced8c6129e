import fc from 'fast-check';
import type { SluiceError } from '../../../src/protocol/error-code';
import type { WatchEvent } from '../../../src/protocol/watch-message';
import type { DeliveryInterval } from '../../../src/relay/delivery-pace';
import type { MediaMessage } from '../../../src/relay/media-message';
import type { RelayLimits } from '../../../src/relay/relay-limits';
import type { StreamFeed } from '../../../src/relay/stream-feed';
import type { Viewer } from '../../../src/relay/viewer';
import type { EpochStart, MediaPlace } from '../../../src/relay/viewer-outlet';
import { audio, delta, initSegment, key } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

const LIMITS = { windowBytes: 100, windowAge: 2_000, viewerPiece: 30, viewerQueue: 80, blindQueue: 40 } satisfies Partial<RelayLimits>;
const LARGEST_CHUNK = 25;
const INIT_SIZE = 5;

/** A door that fails the test where what it is given can't be decoded, has a gap or a repetition, or is too much. */
class WatchfulOutlet extends FakeOutlet {
  closed = false;
  /** Where the next chunk begins. */
  expected = 0;
  epoch: string | undefined;
  /** By how much more was queued than may be. */
  excess = 0;
  #needsJoin = true;
  readonly #onItsWay: MediaPlace[] = [];
  #largest = LARGEST_CHUNK;

  override begin(start: EpochStart): void {
    super.begin(start);
    this.#checkOpen();
    this.epoch = start.epoch;
    this.expected = start.position;
    this.#needsJoin = !start.resumed;
    this.#queue(start.resumed ? 0 : INIT_SIZE);
  }

  override sendAll(messages: readonly MediaMessage[]): void {
    super.sendAll(messages);
    this.#checkOpen();
    if (this.#needsJoin) this.#checkJoin(messages);
    for (const { bytes, from, position } of messages) {
      expect(from).toBe(this.expected);
      expect(bytes.length).toBe(position - from);
      this.expected = position;
      this.#largest = Math.max(this.#largest, bytes.length);
      this.#queue(bytes.length);
    }
    this.#onItsWay.push(this.#place);
  }

  override mark(place: MediaPlace): void {
    super.mark(place);
    this.#checkOpen();
    expect(place).toEqual(this.#place);
  }

  override sync(id: number, place: MediaPlace): void {
    super.sync(id, place);
    this.#checkOpen();
    expect(place).toEqual(this.#place);
  }

  /** The oldest of what is on its way arrives: the place of its end. */
  arrive(): MediaPlace | undefined {
    return this.#onItsWay.shift();
  }

  /** Everything that is on its way has arrived. */
  takeAll(): void {
    this.queue = 0;
    this.#onItsWay.length = 0;
  }

  get #place(): MediaPlace {
    return { epoch: this.epoch ?? '', position: this.expected };
  }

  override tell(event: WatchEvent): void {
    super.tell(event);
    this.#checkOpen();
    if (event.type === 'clock' || event.type === 'skip') expect(event.epoch).toBe(this.epoch);
    if (event.type !== 'skip') return;
    expect(event.position).toBeGreaterThan(this.expected);
    this.expected = event.position;
    this.#needsJoin = true;
  }

  override end(reason: 'ended' | 'restart'): void {
    super.end(reason);
    this.#checkOpen();
    this.closed = true;
    // What was retained is written at once before the end.
    this.excess -= LIMITS.windowBytes;
  }

  /** Only one that has stopped taking is cut off. What was found wrong above comes here as the cause. */
  override fail(error: SluiceError): void {
    super.fail(error);
    this.#checkOpen();
    this.closed = true;
  }

  #checkOpen(): void {
    expect(this.closed).toBe(false);
  }

  #checkJoin(messages: readonly MediaMessage[]): void {
    const at = messages.findIndex(({ joinable }) => joinable);
    this.#needsJoin = at < 0;
    for (const { hasVideo } of at < 0 ? messages : messages.slice(0, at)) expect(hasVideo).toBe(false);
  }

  #queue(bytes: number): void {
    this.queue += bytes;
    const bound = this.receipts ? LIMITS.viewerQueue : LIMITS.blindQueue;
    this.excess = Math.max(this.excess, this.queue - bound - Math.max(LIMITS.viewerPiece, this.#largest) - INIT_SIZE);
  }
}

type Watching = { viewer: Viewer; outlet: WatchfulOutlet; gathered: boolean };

/** One publisher's place and some viewers, to whom anything may happen in any order. */
class Story {
  readonly relay = new FakeRelay(LIMITS);
  readonly #watching: Watching[] = [];
  #feed: StreamFeed | undefined;
  #time = 0;

  publish(): void {
    this.#feed = this.relay.publish(new FakeLink('session'));
  }

  init(): void {
    this.#feed?.init(initSegment());
  }

  chunk(make: typeof key, size: number, reach: number): void {
    this.#time += 0.1;
    this.#feed?.chunk(make({ start: this.#time, end: this.#time + reach / 10, size }));
  }

  lose(): void {
    this.#feed?.lost();
    this.#feed = undefined;
  }

  end(): void {
    this.#feed?.end();
    this.#feed = undefined;
  }

  /** A viewer comes: anew, or where another one is. */
  watch({ receipts, interval, other }: { receipts: boolean; interval?: DeliveryInterval | undefined; other?: number | undefined }): void {
    const outlet = new WatchfulOutlet(receipts);
    const viewer = this.relay.registry.watch('cam', outlet, { resume: this.#placeOf(other), interval });
    this.#watching.push({ outlet, viewer, gathered: interval !== undefined && interval > 0 });
  }

  /** A viewer tells what has arrived: as it is, or something else. */
  receive(index: number, lie: number | undefined): void {
    const watching = this.#at(index);
    const place = lie === undefined ? watching?.outlet.arrive() : { epoch: watching?.outlet.epoch ?? '', position: lie };
    if (place !== undefined) watching?.viewer.received(place);
  }

  /** The door lets a viewer play only once what was sent before has left. */
  play(index: number, other: number | undefined): void {
    this.drain(index);
    this.#at(index)?.viewer.play(this.#placeOf(other));
  }

  pause(index: number): void {
    this.#at(index)?.viewer.pause();
  }

  drain(index: number): void {
    const watching = this.#at(index);
    if (watching === undefined) return;
    watching.outlet.takeAll();
    watching.viewer.drained();
    watching.viewer.synced(watching.outlet.syncId);
  }

  leave(index: number): void {
    const watching = this.#at(index);
    if (watching === undefined) return;
    watching.outlet.closed = true;
    watching.viewer.close();
  }

  /** An open viewer has everything, unless so much waits for it that the rest is yet to be written; one that waits for a join point can't be sent anything. */
  check(): void {
    const epoch = this.relay.registry.get('cam')?.epoch;
    for (const { viewer, outlet, gathered } of this.#watching) {
      if (outlet.failure !== undefined && outlet.failure.code !== 'too-slow') throw outlet.failure.cause;
      if (outlet.excess > 0) throw new Error(`${outlet.excess} bytes too many are queued`);
      if (viewer.state === 'open') {
        expect(outlet.epoch).toBe(epoch?.id);
        if (gathered || outlet.queue >= LIMITS.viewerPiece) expect(outlet.expected).toBeLessThanOrEqual(epoch!.position);
        else expect(outlet.expected).toBe(epoch?.position);
      } else if (viewer.state === 'waiting' && !gathered) {
        expect(outlet.epoch).toBe(epoch?.id);
        const join = epoch?.window.fromJoinPoint().find(({ chunk }) => chunk.joinable);
        if (join !== undefined) expect(join.from).toBeLessThan(outlet.expected);
      }
    }
  }

  /** Everybody goes: nothing is left. */
  finish(): void {
    for (const [index] of this.#watching.entries()) this.leave(index);
    this.lose();
    this.relay.clock.pass(20_000);
    expect(this.relay.registry.get('cam')).toBeUndefined();
    expect(this.relay.clock.pending).toBe(0);
  }

  #at(index: number): Watching | undefined {
    return this.#watching[index % Math.max(1, this.#watching.length)];
  }

  #placeOf(index: number | undefined): { epoch: string; position: number } | undefined {
    const outlet = index === undefined ? undefined : this.#at(index)?.outlet;
    return outlet?.epoch === undefined ? undefined : { epoch: outlet.epoch, position: outlet.expected };
  }
}

type Step = (story: Story) => void;

const viewer = fc.nat({ max: 5 });
const place = fc.option(viewer, { nil: undefined });
const chunk = fc
  .tuple(fc.constantFrom(key, delta, delta, audio, audio), fc.integer({ min: 1, max: LARGEST_CHUNK }), fc.integer({ min: 1, max: 3 }))
  .map(([make, size, reach]): Step => (story) => story.chunk(make, size, reach));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: chunk },
  {
    weight: 3,
    arbitrary: fc
      .record({ receipts: fc.boolean(), interval: fc.constantFrom<DeliveryInterval | undefined>(undefined, 0, 20, 40, 80), other: place })
      .map((options): Step => (story) => story.watch(options)),
  },
  { weight: 8, arbitrary: viewer.map((index): Step => (story) => story.receive(index, undefined)) },
  { weight: 1, arbitrary: fc.tuple(viewer, fc.nat({ max: 400 })).map(([index, lie]): Step => (story) => story.receive(index, lie)) },
  { weight: 6, arbitrary: viewer.map((index): Step => (story) => story.drain(index)) },
  { weight: 3, arbitrary: viewer.map((index): Step => (story) => story.pause(index)) },
  { weight: 3, arbitrary: fc.tuple(viewer, place).map(([index, other]): Step => (story) => story.play(index, other)) },
  { weight: 1, arbitrary: viewer.map((index): Step => (story) => story.leave(index)) },
  { weight: 4, arbitrary: fc.constantFrom(10, 50, 500, 2_500, 16_000).map((ms): Step => (story) => story.relay.clock.pass(ms)) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Step>(
      (story) => story.publish(),
      (story) => story.publish(),
      (story) => story.init(),
      (story) => story.init(),
      (story) => story.init(),
      (story) => story.lose(),
      (story) => story.end(),
    ),
  },
);

describe('every viewer, whatever happens', () => {
  it('is sent what can be decoded, without a gap that it isn’t told of, without a repetition, and never too much', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: 'max' }), (steps) => {
        const story = new Story();
        for (const begin of [(): void => story.publish(), (): void => story.init(), (): void => story.watch({ receipts: true })]) begin();
        for (const run of steps) {
          run(story);
          story.check();
        }
        story.finish();
      }),
      { numRuns: 300 },
    );
  });
});
