import { SluiceError } from '../../../src/protocol/error-code';
import { delta, key } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeRelay } from '../../support/fake-relay';

describe('what is told of a viewer', () => {
  it('is its door, its address, when it came, and what it said of itself last', () => {
    const relay = new FakeRelay();
    relay.live();
    const viewer = relay.registry.watch('cam', new FakeOutlet(true), { address: '192.0.2.7' });
    viewer.report({ latency: 0.2, buffer: 0.1, stalls: 2, dropped: 0 });
    viewer.report({ latency: 0.3, stalls: 3 });
    const since = relay.clock.wall();
    relay.clock.pass(5_000);
    const [info] = [...relay.registry.get('cam')!.viewerInfos()];
    expect(info).toEqual({ id: viewer.id, transport: 'sluice.v1', address: '192.0.2.7', since, state: 'waiting', lag: 0, skips: 0, skippedBytes: 0, sentBytes: 0, latency: 0.3, stalls: 3 });
  });

  it('counts just the bytes that its door was given, over skips and epochs', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key({ size: 100 }));
    const { viewer, outlet } = relay.watch();
    const given = (): number => outlet.sent.reduce((sum, { bytes }) => sum + bytes.length, 0);
    feed.chunk(delta({ size: 50 }));
    expect([viewer.info.sentBytes, given()]).toEqual([150, 150]);

    outlet.queue = 100 << 20;
    feed.chunk(delta({ size: 70 }));
    relay.clock.pass(10_000);
    outlet.queue = 0;
    feed.chunk(key({ size: 20 }));
    viewer.drained();
    expect(viewer.info.skips).toBe(1);
    expect([viewer.info.sentBytes, given()]).toEqual([170, 170]);

    feed.lost();
    relay.live().chunk(key({ size: 30 }));
    expect([viewer.info.sentBytes, given()]).toEqual([200, 200]);
  });

  it('is what it said of itself over HLS too, and its latency is told to the publisher', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const guest = relay.registry.get('cam')!.count({ address: '192.0.2.7', disconnect: () => undefined });
    guest.report({ latency: 1.2, stalls: 1 });
    guest.report({ latency: 0.9, buffer: 0.7 });
    const since = relay.clock.wall();
    expect([...relay.registry.get('cam')!.viewerInfos()]).toEqual([{ id: guest.id, transport: 'hls', address: '192.0.2.7', since, state: 'open', skips: 0, skippedBytes: 0, latency: 0.9, buffer: 0.7 }]);
    expect(feed.latency).toBe(0.9);
    relay.clock.pass(12_001);
    guest.leave();
    guest.report({ latency: 0.9 });
    expect(feed.latency).toBeUndefined();
  });

  it('counts once in the latency that the publisher is told, however often it reports and comes again', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    for (const latency of [0.1, 0.2, 0.3]) relay.watch().viewer.report({ latency });
    const { viewer } = relay.watch();
    for (let report = 0; report < 200; report++) viewer.report({ latency: 60 });
    expect(feed.latency).toBe(0.3);
    for (let visit = 0; visit < 200; visit++) {
      const again = relay.watch().viewer;
      again.report({ latency: 60 });
      again.close();
      const guest = relay.registry.get('cam')!.count({ address: '192.0.2.7', disconnect: () => undefined });
      guest.report({ latency: 60 });
      guest.leave();
    }
    expect(feed.latency).toBe(0.3);
  });

  it('has no lag where nothing tells what has arrived', () => {
    const relay = new FakeRelay();
    relay.live();
    const { viewer } = relay.watch();
    expect(viewer.info.lag).toBeUndefined();
  });
});

describe('a viewer that the operator disconnects', () => {
  it('is told why, and the others stay', () => {
    const relay = new FakeRelay();
    relay.live();
    const [one, other] = [relay.watch(), relay.watch()];
    const stream = relay.registry.get('cam')!;
    const error = new SluiceError('disconnected', 'Cannot go on');
    expect(stream.disconnect(one.viewer.id, error)).toBe(true);
    expect(stream.disconnect(one.viewer.id, error)).toBe(false);
    expect(one.outlet.failure).toBe(error);
    expect([...stream.viewerInfos()].map(({ id }) => id)).toEqual([other.viewer.id]);
  });

  it('may be one over HLS, whose door hears of it', () => {
    const relay = new FakeRelay();
    relay.live();
    const stream = relay.registry.get('cam')!;
    const failures: SluiceError[] = [];
    const guest = stream.count({ address: '::1', disconnect: (error) => void failures.push(error) });
    const [info] = [...stream.viewerInfos()];
    expect(info?.transport).toBe('hls');
    stream.disconnect(info?.id ?? '', new SluiceError('disconnected', 'Cannot go on'));
    expect(failures).toHaveLength(1);
    guest.leave();
    expect([...stream.viewerInfos()]).toEqual([]);
  });
});

describe('what is told of a publisher', () => {
  it('is its lag, where it says when it captures', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key({ start: 10, end: 11 }));
    expect(relay.registry.get('cam')!.publisher).toEqual({ transport: 'source', since: relay.clock.wall() });
    feed.clock(11, relay.clock.wall() - 250);
    expect(relay.registry.get('cam')!.publisher?.lag).toBeCloseTo(0.25);
  });

  it('is no lag of media that another has sent before it', () => {
    const relay = new FakeRelay();
    const before = relay.live();
    before.chunk(key({ start: 10, end: 11 }));
    before.lost();
    const feed = relay.publish();
    feed.clock(0, relay.clock.wall());
    expect(relay.registry.get('cam')!.publisher).not.toHaveProperty('lag');
  });
});
