import { RelayEvents } from '../../../src/api/relay-events';
import type { RelayEvent } from '../../../src/protocol/api-event';
import { SluiceError } from '../../../src/protocol/error-code';
import { initSegment, key } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

function listening(): { relay: FakeRelay; events: RelayEvents; told: RelayEvent[]; beat: () => RelayEvent[] } {
  const relay = new FakeRelay();
  const { registry, clock } = relay;
  const events = new RelayEvents({ registry, clock });
  registry.observe(events);
  const told: RelayEvent[] = [];
  events.listen((event) => told.push(event));
  /** A second passes: what was told since the last one. */
  const beat = (): RelayEvent[] => {
    clock.pass(1_000);
    events.tick();
    return told.splice(0);
  };
  return { relay, events, told, beat };
}

const refused = { name: 'cam', address: '192.0.2.1', error: new SluiceError('name-in-use', 'Cannot publish') };

describe('the events of a relay', () => {
  it('are numbered one after the other, later than those of an earlier run', () => {
    const earlier = listening();
    for (let index = 0; index < 500; index++) earlier.relay.live().end();
    const { relay, told, events } = listening();
    relay.clock.pass(1_000);
    const later = new RelayEvents({ registry: relay.registry, clock: relay.clock });
    relay.live().end();
    expect(told.map(({ id }) => id - told[0]!.id)).toEqual([0, 1]);
    expect(later.stats().id).toBeGreaterThan(earlier.told.at(-1)!.id);
    expect(events.stats().id).toBe(told[1]!.id);
  });

  it('fold what comes again and again into one a second', () => {
    const { relay, told, beat } = listening();
    relay.live();
    told.length = 0;
    for (let index = 0; index < 1_000; index++) {
      relay.registry.refused(refused);
      relay.watch().viewer.close();
    }
    relay.watch();
    expect(told).toEqual([]);
    const [refusal, viewers] = beat();
    expect(refusal).toMatchObject({ type: 'publisher-refused', name: 'cam', address: '192.0.2.1', code: 'name-in-use', message: 'Cannot publish', count: 1_000 });
    expect(viewers).toMatchObject({ type: 'viewers-changed', name: 'cam', joined: 1_001, left: 1_000, viewers: 1 });
    expect(beat().map(({ type }) => type)).toEqual(['stats']);
  });

  it('tell few of many refusals with names that somebody made up, and not all of a long one', () => {
    const { relay, beat } = listening();
    for (let index = 0; index < 1_000; index++) relay.registry.refused({ ...refused, name: `${index}${'x'.repeat(1_000)}` });
    const refusals = beat().filter(({ type }) => type === 'publisher-refused');
    expect(refusals).toHaveLength(50);
    expect(refusals.every((event) => event.type === 'publisher-refused' && event.name.length === 80)).toBe(true);
  });

  it('say nothing of those who wait for a stream that there isn’t, or of a publisher that connects again', () => {
    const { relay, beat } = listening();
    relay.watch();
    relay.registry.refused({ ...refused, error: new SluiceError('replaced', 'Again') });
    expect(beat().map(({ type }) => type)).toEqual(['stats']);
  });

  it('tell of viewers that were let go', () => {
    const { relay, beat } = listening();
    const feed = relay.live();
    const outlet = new FakeOutlet();
    relay.watch(undefined, outlet);
    feed.chunk(key());
    outlet.queue = 100 << 20;
    feed.chunk(key());
    relay.clock.pass(20_000);
    expect(beat()).toContainEqual(expect.objectContaining({ type: 'viewer-too-slow', name: 'cam', count: 1 }));
  });

  it('gather the jumps of a publisher’s timestamps for a second', () => {
    const { relay, beat } = listening();
    relay.live();
    for (const seconds of [-3_000, 12.3456]) relay.registry.timesJumped({ name: 'cam', seconds });
    expect(beat().filter(({ type }) => type === 'times-jumped')).toEqual([expect.objectContaining({ name: 'cam', seconds: 12.346, count: 2 })]);
  });

  it('report that no keyframe of a publisher has come for long', () => {
    const { relay, beat } = listening();
    relay.live();
    relay.registry.keyframeMissing({ name: 'cam', seconds: 11.23456 });
    expect(beat().filter(({ type }) => type === 'keyframe-missing')).toEqual([expect.objectContaining({ name: 'cam', seconds: 11.235 })]);
    expect(beat().filter(({ type }) => type === 'keyframe-missing')).toEqual([]);
  });

  it('tell which tracks of a stream have stopped', () => {
    const { relay, beat } = listening();
    const feed = relay.live();
    feed.stopped(['audio']);
    feed.stopped([]);
    const stops = beat().flatMap((event) => (event.type === 'tracks-stopped' ? [[event.name, event.stopped]] : []));
    expect(stops).toEqual([['cam', ['audio']], ['cam', []]]);
  });

  it('tell how much came and went in the last second', () => {
    const { relay, beat } = listening();
    const feed = relay.live();
    relay.watch();
    relay.watch();
    feed.chunk(key({ size: 1_000 }));
    expect(beat().at(-1)).toMatchObject({ type: 'stats', viewers: 2, bytesInPerSecond: 1_000, bytesOutPerSecond: 2_000, streams: [{ name: 'cam', viewers: 2 }] });
    expect(beat().at(-1)).toMatchObject({ bytesInPerSecond: 0, bytesOutPerSecond: 0 });
  });

  it('are held up to two hundred, for who comes back, and told to nobody who has left', () => {
    const { relay, events } = listening();
    const told: RelayEvent[] = [];
    events.listen((event) => told.push(event))();
    relay.registry.publish('cam', new FakeLink()).init(initSegment());
    for (let index = 0; index < 150; index++) {
      relay.registry.end('cam');
      relay.registry.readmit('cam');
      relay.live();
    }
    const held = events.after(undefined);
    expect(held).toHaveLength(200);
    expect(events.after(held[150]!.id).map(({ id }) => id)).toEqual(held.slice(151).map(({ id }) => id));
    expect(events.after(held.at(-1)!.id)).toEqual([]);
    // Older than any that is held, or of another relay.
    expect(events.after(1)).toHaveLength(200);
    expect(events.after(Number.MAX_SAFE_INTEGER)).toHaveLength(200);
    expect(told).toEqual([]);
  });
});
