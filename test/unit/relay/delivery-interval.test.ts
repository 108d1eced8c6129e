import type { DeliveryInterval } from '../../../src/relay/delivery-pace';
import { initSegment, key, delta } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeRelay } from '../../support/fake-relay';
import { QueueingOutlet } from '../../support/queueing-outlet';

function watchEvery(relay: FakeRelay, interval?: DeliveryInterval): FakeOutlet {
  const outlet = new FakeOutlet();
  relay.registry.watch('cam', outlet, { interval });
  outlet.news();
  return outlet;
}

/** What of the media a door was given. */
function media(outlet: FakeOutlet): string[] {
  return outlet.news().filter((line) => line.includes('..'));
}

describe('a viewer with a delivery interval', () => {
  it('is sent what came in that time as one message, which all of that interval share', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const [first, second] = [watchEvery(relay, 40), watchEvery(relay, 40)];
    feed.chunk(delta());
    feed.chunk(delta());
    relay.clock.pass(39);
    expect(media(first)).toEqual([]);
    relay.clock.pass(1);
    expect([media(first), media(second)]).toEqual([['10..30'], ['10..30']]);
    expect(first.sent.at(-1)!.bytes).toBe(second.sent.at(-1)!.bytes);
  });

  it('is sent a chunk that came alone as it is, and shares it with those who get it at once', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const [slow, fast] = [watchEvery(relay, 80), watchEvery(relay, 0)];
    feed.chunk(delta());
    expect(media(fast)).toEqual(['10..20']);
    relay.clock.pass(80);
    expect(slow.sent.at(-1)!.bytes).toBe(fast.sent.at(-1)!.bytes);
  });

  it('of 20 ms and one of 40 ms are sent the same message where both are due and both lack the same', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const [twenty, forty] = [watchEvery(relay, 20), watchEvery(relay, 40)];
    feed.chunk(delta());
    relay.clock.pass(20);
    feed.chunk(delta());
    feed.chunk(delta());
    relay.clock.pass(20);
    expect([media(twenty), media(forty)]).toEqual([['10..20', '20..40'], ['10..40']]);
    relay.clock.pass(1);
    feed.chunk(delta());
    feed.chunk(delta());
    relay.clock.pass(79);
    expect([media(twenty), media(forty)]).toEqual([['40..60'], ['40..60']]);
  });

  it('that comes while chunks are gathered is sent each of them once', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const early = watchEvery(relay, 40);
    feed.chunk(delta());
    const late = new FakeOutlet();
    relay.registry.watch('cam', late, { interval: 40 });
    expect(media(late)).toEqual(['0..10', '10..20']);
    feed.chunk(delta());
    relay.clock.pass(40);
    expect([media(early), media(late)]).toEqual([['10..30'], ['20..30']]);
    feed.chunk(delta());
    relay.clock.pass(40);
    expect([media(early), media(late)]).toEqual([['30..40'], ['30..40']]);
  });

  it('is sent what was gathered before a new epoch, the end, and the word that its publisher is away', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const outlet = watchEvery(relay, 80);
    feed.chunk(delta());
    feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual(['10..20', 'init 0', 'waiting keyframe']);
    relay.clock.pass(80);
    expect(outlet.news()).toEqual(['clock', '0..10']);
    feed.chunk(delta());
    feed.lost();
    expect(outlet.news()).toEqual(['10..20', 'waiting publisher']);
    const again = relay.live();
    again.chunk(key());
    relay.clock.pass(80);
    again.chunk(delta());
    outlet.news();
    again.end();
    expect(outlet.news()).toEqual(['10..20', 'end ended']);
  });

  it('is sent a lot at once rather than having it gathered', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const outlet = watchEvery(relay, 80);
    feed.chunk(delta({ size: 256 << 10 }));
    expect(media(outlet)).toEqual([`10..${(256 << 10) + 10}`]);
  });

  it('leaves no timer behind when it goes, nor when nothing comes any more', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const before = relay.clock.pending;
    watchEvery(relay, 20);
    feed.chunk(delta());
    expect(relay.clock.pending).toBe(before + 1);
    relay.clock.pass(2_000);
    expect(relay.clock.pending).toBe(before);
    feed.chunk(delta());
    feed.end();
    expect(relay.registry.get('cam')).toBeUndefined();
    expect(relay.clock.pending).toBe(0);
  });
});

describe('a viewer without a delivery interval of its own', () => {
  it('is sent each chunk as it comes until the process is busy, and then what was gathered', () => {
    const relay = new FakeRelay({}, () => 0.9);
    const feed = relay.live();
    feed.chunk(key());
    const outlet = watchEvery(relay);
    feed.chunk(delta());
    expect(media(outlet)).toEqual(['10..20']);
    relay.clock.pass(3_000);
    feed.chunk(delta());
    feed.chunk(delta());
    expect(media(outlet)).toEqual([]);
    relay.clock.pass(40);
    expect(media(outlet)).toEqual(['20..40']);
  });

  it('is sent what it is due though the door of another throws', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const broken = watchEvery(relay);
    const outlet = watchEvery(relay);
    broken.onSend = () => {
      throw new Error('Broken');
    };
    feed.chunk(delta());
    expect(media(outlet)).toEqual(['10..20']);
    expect(broken.failure?.code).toBe('internal');
    expect(feed.viewers).toBe(1);
  });
});

describe('a newcomer', () => {
  it('is sent runs of small chunks as one message, which all newcomers share', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key({ size: 20_000 }));
    for (let count = 0; count < 20; count++) feed.chunk(delta({ size: 20_000 }));
    const [first, second] = [new FakeOutlet(), new FakeOutlet()];
    relay.registry.watch('cam', first);
    feed.chunk(delta({ size: 20_000 }));
    relay.registry.watch('cam', second);
    expect(media(first)[0]).toBe('0..260000');
    expect(first.sent[0]!.bytes).toBe(second.sent[0]!.bytes);
    for (const { sent } of [first, second]) expect(sent.map(({ from }) => from)).toEqual([0, ...sent.slice(0, -1).map(({ position }) => position)]);
    expect([first.sent.at(-1)!.position, second.sent.at(-1)!.position]).toEqual([440_000, 440_000]);
  });

  it('that reads the GOP piece by piece is sent the same joined messages', () => {
    const relay = new FakeRelay({ viewerPiece: 1 });
    const feed = relay.live();
    for (let count = 0; count < 40; count++) feed.chunk(count === 0 ? key({ size: 20_000 }) : delta({ size: 20_000 }));
    const prompt = new FakeOutlet();
    relay.registry.watch('cam', prompt);
    const outlet = new QueueingOutlet();
    const viewer = relay.registry.watch('cam', outlet);
    while (outlet.queue > 0) {
      outlet.queue = 0;
      viewer.drained();
    }
    expect(outlet.sent.slice(0, 3).map(({ position }) => position)).toEqual([260_000, 520_000, 780_000]);
    expect(outlet.sent).toEqual(prompt.sent);
    expect(outlet.sent[1]!.bytes).toBe(prompt.sent[1]!.bytes);
  });

  it('is sent nothing of an older GOP that was joined before', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    for (let count = 0; count < 20; count++) feed.chunk(count === 0 ? key({ size: 20_000 }) : delta({ size: 20_000 }));
    watchEvery(relay);
    feed.chunk(key());
    const outlet = new FakeOutlet();
    relay.registry.watch('cam', outlet);
    expect(media(outlet)).toEqual(['400000..400010']);
  });
});
