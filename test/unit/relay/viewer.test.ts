import { SluiceError } from '../../../src/protocol/error-code';
import type { Viewer } from '../../../src/relay/viewer';
import { audio, delta, initSegment, key, onlyAudio } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

const FULL = 1 << 21;

function setUp(): { relay: FakeRelay; link: FakeLink; feed: ReturnType<FakeRelay['live']> } {
  const relay = new FakeRelay();
  const link = new FakeLink();
  return { relay, link, feed: relay.live(link) };
}

/** Tells the door's viewer that all of its queue has left. */
function drain({ viewer, outlet }: { viewer: Viewer; outlet: FakeOutlet }): void {
  outlet.queue = 0;
  viewer.drained();
}

describe('a viewer that begins', () => {
  it('gets init segment, clock and newest GOP at once, and then each chunk as it comes', () => {
    const { relay, feed } = setUp();
    for (const chunk of [key(), delta(), key(), delta()]) feed.chunk(chunk);
    const { viewer, outlet } = relay.watch();
    expect(outlet.news()).toEqual(['init 20', 'clock', '20..30', '30..40']);
    feed.chunk(delta());
    expect(outlet.news()).toEqual(['40..50']);
    expect(viewer.state).toBe('open');
  });

  it('waits for a publisher where none is, and begins with it', () => {
    const relay = new FakeRelay();
    const { viewer, outlet } = relay.watch();
    expect(outlet.news()).toEqual(['waiting publisher']);
    const feed = relay.publish();
    expect(outlet.news()).toEqual([]);
    feed.init(initSegment());
    expect(outlet.news()).toEqual(['init 0', 'waiting keyframe']);
    feed.chunk(delta());
    expect([viewer.state, outlet.news()]).toEqual(['waiting', []]);
    feed.chunk(key());
    expect(outlet.news()).toEqual(['skip to 10', 'clock', '10..20']);
  });

  it('waits for a keyframe where no join point is held, and the publisher is asked for one', () => {
    const { relay, link, feed } = setUp();
    feed.chunk(delta());
    expect(link.keyframes).toBe(0);
    const { outlet } = relay.watch();
    expect(outlet.news()).toEqual(['init 10', 'waiting keyframe']);
    expect(link.keyframes).toBe(1);
    feed.chunk(key());
    expect(outlet.news()).toEqual(['clock', '10..20']);
  });

  it('between a keyframe and the audio that belongs to it begins with the keyframe', () => {
    const { relay, feed } = setUp();
    feed.chunk(audio({ start: 0, end: 0.2 }));
    const { viewer, outlet } = relay.watch();
    expect(outlet.news()).toEqual(['init 10', 'waiting keyframe']);
    feed.chunk(key({ start: 0.1 }));
    expect(outlet.news()).toEqual(['clock', '10..20']);
    expect(viewer.state).toBe('open');
  });

  it('gets what is held while the publisher is away, and is told so', () => {
    const { relay, link, feed } = setUp();
    feed.chunk(key());
    feed.lost();
    expect(relay.watch().outlet.news()).toEqual(['init 0', 'clock', '0..10', 'waiting publisher']);
    expect(link.keyframes).toBe(0);
  });

  it('of a stream whose GOP is longer than what is held waits for the next keyframe', () => {
    const relay = new FakeRelay({ windowBytes: 30 });
    const feed = relay.live();
    for (const chunk of [key(), delta(), delta(), delta()]) feed.chunk(chunk);
    const { outlet } = relay.watch();
    expect(outlet.news()).toEqual(['init 40', 'waiting keyframe']);
    feed.chunk(key());
    expect(outlet.news()).toEqual(['clock', '40..50']);
  });

  it('gets chunks that are larger than all that may be held, too', () => {
    const relay = new FakeRelay({ windowBytes: 30 });
    const feed = relay.live();
    const { outlet } = relay.watch();
    feed.chunk(key({ size: 10 }));
    feed.chunk(delta({ size: 40 }));
    expect(outlet.news().slice(-2)).toEqual(['0..10', '10..50']);
  });

  it('of audio alone begins with its newest chunk', () => {
    const { relay, feed } = setUp();
    for (let count = 0; count < 3; count++) feed.chunk(onlyAudio());
    expect(relay.watch().outlet.news()).toEqual(['init 20', 'clock', '20..30']);
  });

  it('whose door closes itself where it should begin stays closed, and is sent nothing', () => {
    for (const cached of [[], [key()]]) {
      const { relay, feed } = setUp();
      for (const chunk of cached) feed.chunk(chunk);
      const { viewer, outlet } = relay.watch();
      outlet.news();
      outlet.onBegin = () => viewer.close();
      feed.init(initSegment());
      feed.chunk(key());
      expect(viewer.state).toBe('closed');
      expect(outlet.news()).toEqual(['init 0']);
      expect(feed.viewers).toBe(0);
    }
  });
});

describe('a viewer that comes back', () => {
  it('goes on where it was, without an init segment', () => {
    const { relay, feed } = setUp();
    for (const chunk of [key(), delta(), delta()]) feed.chunk(chunk);
    const { outlet } = relay.watch({ epoch: relay.epoch, position: 10 });
    expect(outlet.news()).toEqual(['resume 10', 'clock', '10..20', '20..30']);
    feed.chunk(delta());
    expect(outlet.news()).toEqual(['30..40']);
  });

  it('that has missed nothing is sent nothing but what comes', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { outlet } = relay.watch({ epoch: relay.epoch, position: 10 });
    expect(outlet.news()).toEqual(['resume 10', 'clock']);
    feed.chunk(delta());
    expect(outlet.news()).toEqual(['10..20']);
  });

  it('is told that the publisher is away', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    feed.lost();
    expect(relay.watch({ epoch: relay.epoch, position: 10 }).outlet.news()).toEqual(['resume 10', 'clock', 'waiting publisher']);
  });

  it.each([
    ['in the future', 50],
    ['beyond all numbers', 2 ** 60],
    ['in the middle of a chunk', 15],
    ['that is no number', NaN],
  ])('at a position %s begins anew at the live edge', (_what, position) => {
    const { relay, feed } = setUp();
    for (const chunk of [key(), delta()]) feed.chunk(chunk);
    const { outlet } = relay.watch({ epoch: relay.epoch, position });
    expect(outlet.news()).toEqual(['init 0', 'clock', '0..10', '10..20']);
  });

  it('at a position of another epoch begins anew at the live edge', () => {
    const { relay, feed } = setUp();
    for (const chunk of [key(), delta()]) feed.chunk(chunk);
    const before = relay.epoch;
    feed.init(initSegment());
    for (const chunk of [key(), delta()]) feed.chunk(chunk);
    expect(relay.watch({ epoch: before, position: 10 }).outlet.news()).toEqual(['init 0', 'clock', '0..10', '10..20']);
  });

  it('before anybody publishes waits as everybody does', () => {
    expect(new FakeRelay().watch({ epoch: 'gone', position: 10 }).outlet.news()).toEqual(['waiting publisher']);
  });
});

describe('a viewer that does not keep up', () => {
  it('is sent nothing more once its queue has passed the bound', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    outlet.news();
    outlet.queue = 1 << 20;
    feed.chunk(delta());
    expect(outlet.news()).toEqual(['10..20']);
    outlet.queue = (1 << 20) + 1;
    for (let count = 0; count < 100; count++) feed.chunk(delta());
    expect([viewer.state, outlet.news()]).toEqual(['shut', []]);
  });

  it('goes on with what it missed if that is young', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const watching = relay.watch();
    const { viewer, outlet } = watching;
    outlet.queue = FULL;
    feed.chunk(delta());
    feed.chunk(delta());
    outlet.news();
    relay.clock.pass(2_000);
    drain(watching);
    expect(outlet.news()).toEqual(['clock', '10..20', '20..30']);
    expect([viewer.state, viewer.info.skips, viewer.info.skippedBytes]).toEqual(['open', 0, 0]);
  });

  it('goes on at the newest join point if what it missed is old, and is told what was skipped', () => {
    const { relay, feed } = setUp();
    feed.chunk(key({ start: 0, end: 1 }));
    const watching = relay.watch();
    const { viewer, outlet } = watching;
    outlet.queue = FULL;
    feed.chunk(delta({ start: 1, end: 2 }));
    feed.chunk(key({ start: 2, end: 3 }));
    feed.chunk(audio({ start: 3.9, end: 4.1 }));
    feed.chunk(key({ start: 4, end: 5 }));
    relay.clock.pass(2_001);
    outlet.news();
    drain(watching);
    expect(outlet.news()).toEqual(['skip to 30', 'clock', '30..40', '40..50']);
    expect(outlet.told.findLast(({ type }) => type === 'skip')).toEqual({ type: 'skip', epoch: relay.epoch, from: 1, to: 4, position: 30, reason: 'slow' });
    expect([viewer.state, viewer.info.skips, viewer.info.skippedBytes]).toEqual(['open', 1, 20]);
    feed.chunk(delta());
    expect(outlet.news()).toEqual(['50..60']);
  });

  it('waits for the next keyframe if none came since, and the publisher is asked for one', () => {
    const { relay, link, feed } = setUp();
    feed.chunk(key({ start: 0, end: 1 }));
    const watching = relay.watch();
    const { viewer, outlet } = watching;
    outlet.queue = FULL;
    feed.chunk(delta({ start: 1, end: 2 }));
    relay.clock.pass(2_001);
    outlet.news();
    drain(watching);
    expect(outlet.news()).toEqual(['waiting keyframe']);
    expect([viewer.state, link.keyframes]).toEqual(['waiting', 1]);
    feed.chunk(delta({ start: 2, end: 3 }));
    expect(outlet.news()).toEqual([]);
    feed.chunk(key({ start: 3, end: 4 }));
    expect(outlet.news()).toEqual(['skip to 30', 'clock', '30..40']);
    expect([viewer.info.skips, viewer.info.skippedBytes]).toEqual([1, 20]);
  });

  it('goes on at a join point whose audio it has in part', () => {
    const { relay, feed } = setUp();
    feed.chunk(key({ start: 0, end: 1 }));
    const watching = relay.watch();
    const { outlet } = watching;
    feed.chunk(audio({ start: 0.9, end: 1.1 }));
    outlet.queue = FULL;
    feed.chunk(audio({ start: 1.1, end: 1.3 }));
    feed.chunk(key({ start: 1, end: 2 }));
    relay.clock.pass(2_001);
    outlet.news();
    drain(watching);
    expect(outlet.news()).toEqual(['clock', '20..30', '30..40']);
  });

  it('and whose publisher is away is not told to wait for a keyframe', () => {
    const { relay, link, feed } = setUp();
    feed.chunk(key());
    const watching = relay.watch();
    const { outlet } = watching;
    outlet.queue = FULL;
    feed.chunk(delta());
    feed.lost();
    relay.clock.pass(2_001);
    outlet.news();
    drain(watching);
    expect(outlet.news()).toEqual(['waiting publisher']);
    expect(link.keyframes).toBe(0);
  });

  it('goes on with the epoch that began meanwhile', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const watching = relay.watch();
    const { outlet } = watching;
    outlet.queue = FULL;
    feed.chunk(delta());
    outlet.news();
    feed.init(initSegment());
    feed.chunk(key());
    feed.chunk(delta());
    expect(outlet.news()).toEqual([]);
    drain(watching);
    expect(outlet.news()).toEqual(['init 0', 'clock', '0..10', '10..20']);
  });

  it('is not sent one init segment after another', () => {
    const { relay, feed } = setUp();
    const watching = relay.watch();
    const { outlet } = watching;
    outlet.queue = FULL;
    outlet.news();
    for (let count = 0; count < 10; count++) feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual([]);
    drain(watching);
    expect(outlet.news()).toEqual(['init 0', 'clock', '0..10']);
  });

  it('for 15 s is told so and let go', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    outlet.queue = FULL;
    feed.chunk(delta());
    relay.clock.pass(14_999);
    expect(viewer.state).toBe('shut');
    relay.clock.pass(1);
    expect(outlet.failure).toMatchObject({ code: 'too-slow', message: expect.stringContaining('"cam"') });
    expect([viewer.state, relay.registry.get('cam')!.viewers]).toEqual(['closed', 0]);
  });

  it('now and then, but catches up each time, is not let go', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const watching = relay.watch();
    for (let count = 0; count < 5; count++) {
      watching.outlet.queue = FULL;
      feed.chunk(key());
      relay.clock.pass(10_000);
      drain(watching);
    }
    expect(watching.viewer.state).toBe('open');
    expect(watching.outlet.failure).toBeUndefined();
  });

  it('alone heeds that the queue is empty: one that waits or is open is left as it is', () => {
    const { relay, feed } = setUp();
    const waiting = relay.watch();
    waiting.viewer.drained();
    feed.chunk(key());
    const open = relay.watch();
    open.outlet.news();
    open.viewer.drained();
    expect(open.outlet.news()).toEqual([]);
  });
});

describe('a viewer that pauses', () => {
  it('is sent and told nothing until it plays, then goes on at the live edge', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    outlet.news();
    relay.clock.pass(2_000);
    for (const chunk of [delta(), key(), delta()]) feed.chunk(chunk);
    relay.clock.pass(4_000);
    expect([viewer.state, outlet.news()]).toEqual(['paused', []]);
    feed.chunk(delta());
    viewer.play();
    expect(outlet.news()).toEqual(['init 20', 'clock', '20..30', '30..40', '40..50']);
    expect(viewer.info.skips).toBe(0);
  });

  it('goes on where it was if that is still held', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    outlet.news();
    for (const chunk of [delta(), key(), delta()]) feed.chunk(chunk);
    viewer.play({ epoch: relay.epoch, position: 10 });
    expect(outlet.news()).toEqual(['resume 10', 'clock', '10..20', '20..30', '30..40']);
  });

  it('goes on with the epoch that began meanwhile', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    const position = { epoch: relay.epoch, position: 10 };
    viewer.pause();
    outlet.news();
    feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual(['epoch']);
    viewer.play(position);
    expect(outlet.news()).toEqual(['init 0', 'clock', '0..10']);
  });

  it('while its queue is full is not too slow if it reads that', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const watching = relay.watch();
    const { viewer, outlet } = watching;
    outlet.queue = FULL;
    feed.chunk(delta());
    expect(viewer.state).toBe('shut');
    viewer.pause();
    relay.clock.pass(14_000);
    drain(watching);
    relay.clock.pass(600_000);
    expect(viewer.state).toBe('paused');
  });

  it('while it waits finds what it waited for when it plays', () => {
    const { relay, feed } = setUp();
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    outlet.news();
    feed.chunk(key());
    expect(outlet.news()).toEqual([]);
    viewer.play();
    expect(outlet.news()).toEqual(['init 0', 'clock', '0..10']);
  });

  it('is told when it plays that the publisher is away', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    feed.lost();
    outlet.news();
    viewer.play({ epoch: relay.epoch, position: 10 });
    expect(outlet.news()).toEqual(['resume 10', 'clock', 'waiting publisher']);
  });

  it('is told the end all the same', () => {
    const { relay, feed } = setUp();
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    outlet.news();
    feed.end();
    expect([viewer.state, outlet.news()]).toEqual(['closed', ['end ended']]);
  });
});

describe('a viewer that plays', () => {
  it('is told the name of each new epoch, and gets nothing of it before it plays', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    outlet.news();
    feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual(['epoch']);
    viewer.play();
    expect(outlet.told.find(({ type }) => type === 'epoch')).toEqual({ type: 'epoch', epoch: outlet.begun.at(-1)!.epoch });
  });

  it('while nothing is read of what waits is sent no more about new epochs', () => {
    const { relay, feed } = setUp();
    const { viewer, outlet } = relay.watch();
    viewer.pause();
    outlet.queue = 2 << 20;
    outlet.news();
    feed.init(initSegment());
    expect(outlet.news()).toEqual([]);
  });

  it('without having paused is left as it is', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    outlet.news();
    viewer.play({ epoch: relay.epoch, position: 0 });
    expect(outlet.news()).toEqual([]);
    outlet.queue = FULL;
    feed.chunk(delta());
    viewer.play();
    expect([viewer.state, outlet.news()]).toEqual(['shut', []]);
  });
});

describe('a viewer that is gone', () => {
  it('is sent and told nothing more, whatever it asks', () => {
    const { relay, feed } = setUp();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch();
    outlet.news();
    viewer.close();
    viewer.close();
    viewer.pause();
    viewer.play();
    viewer.drained();
    viewer.start();
    viewer.tellWaiting('idle');
    viewer.end('ended');
    viewer.fail(new SluiceError('internal', 'Late'));
    feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual([]);
    expect([viewer.state, feed.viewers]).toEqual(['closed', 0]);
  });
});
