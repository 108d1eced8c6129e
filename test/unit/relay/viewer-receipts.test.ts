import type { Viewer } from '../../../src/relay/viewer';
import type { StreamFeed } from '../../../src/relay/stream-feed';
import type { RelayLimits } from '../../../src/relay/relay-limits';
import { delta, initSegment, key } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

/** A viewer that gives receipts, of a stream whose first keyframe it was sent. */
class Watch {
  readonly relay: FakeRelay;
  readonly link = new FakeLink();
  readonly feed: StreamFeed;
  readonly outlet: FakeOutlet;
  readonly viewer: Viewer;

  constructor(limits: Partial<RelayLimits> = {}) {
    this.relay = new FakeRelay(limits);
    this.feed = this.relay.live(this.link);
    this.feed.chunk(key({ start: 0, end: 1 }));
    const { outlet, viewer } = this.relay.watch(undefined, new FakeOutlet(true));
    this.outlet = outlet;
    this.viewer = viewer;
    outlet.news();
  }

  /** Says that everything up to `position` has arrived. */
  receive(position: number): void {
    this.viewer.received({ epoch: this.relay.epoch, position });
  }

  answerSync(): void {
    this.viewer.synced(this.outlet.syncId);
  }

  pass(ms: number): void {
    this.relay.clock.pass(ms);
  }

  /** What the door was given, but for the clock and the questions for receipts. */
  news(): string[] {
    return this.outlet.news().filter((line) => line !== 'clock' && !line.startsWith('mark'));
  }
}

/** One that has fallen behind, with a `sync` on its way; 20 bytes were sent. */
function shut(limits?: Partial<RelayLimits>): Watch {
  const watch = new Watch(limits);
  watch.pass(2_000);
  watch.feed.chunk(delta({ start: 1, end: 2 }));
  watch.pass(1);
  watch.feed.chunk(delta({ start: 2, end: 3 }));
  expect(watch.news()).toEqual(['10..20', 'sync 20']);
  expect(watch.viewer.state).toBe('shut');
  return watch;
}

describe('a viewer that gives receipts', () => {
  it('is sent everything as long as the oldest write without a receipt is no older than the limit', () => {
    const watch = new Watch();
    for (let sent = 20; sent <= 200; sent += 10) {
      watch.feed.chunk(delta());
      watch.pass(1_000);
      watch.receive(sent - 10);
    }
    expect([watch.viewer.state, watch.outlet.sent.at(-1)?.position]).toEqual(['open', 200]);
  });

  it('is sent nothing more, but asked whether all has arrived, once it is older', () => {
    const watch = shut();
    watch.feed.chunk(key({ start: 3, end: 4 }));
    expect(watch.news()).toEqual([]);
  });

  it('that has everything is not behind, however long nothing came', () => {
    const watch = new Watch();
    watch.receive(10);
    watch.pass(60_000);
    watch.feed.chunk(delta());
    expect([watch.viewer.state, watch.news()]).toEqual(['open', ['waiting idle', '10..20']]);
  });

  it('that came late is as old as what it was sent, and not as old as the chunks', () => {
    const watch = new Watch();
    watch.pass(9_000);
    const { viewer, outlet } = watch.relay.watch(undefined, new FakeOutlet(true));
    watch.pass(2_000);
    watch.feed.chunk(delta());
    expect(viewer.state).toBe('open');
    viewer.received({ epoch: watch.relay.epoch, position: 10 });
    watch.pass(2_001);
    watch.feed.chunk(delta());
    expect([viewer.state, outlet.syncId]).toEqual(['shut', 1]);
  });

  it.each([
    ['goes backwards', (watch: Watch) => watch.receive(10)],
    ['is ahead of what was sent', (watch: Watch) => watch.receive(31)],
    ['is of another epoch', (watch: Watch) => watch.viewer.received({ epoch: 'other', position: 30 })],
  ])('but one that %s, is none the newer for it', (_what, lie) => {
    const watch = new Watch();
    watch.feed.chunk(delta());
    watch.receive(20);
    watch.feed.chunk(delta());
    watch.pass(2_001);
    lie(watch);
    watch.feed.chunk(delta());
    expect(watch.viewer.state).toBe('shut');
  });

  it('but never reads what is queued is sent a bounded amount, whatever it says', () => {
    const watch = new Watch({ viewerQueue: 100, blindQueue: 10 });
    for (let sent = 20; watch.viewer.state === 'open'; sent += 10) {
      watch.outlet.queue = sent;
      watch.feed.chunk(delta());
      watch.receive(sent);
    }
    expect(watch.outlet.sent.at(-1)!.position).toBeLessThanOrEqual(120);
    watch.answerSync();
    expect(watch.viewer.state).toBe('shut');
    watch.pass(15_000);
    expect(watch.outlet.failure?.code).toBe('too-slow');
  });

  it('is asked for one a second by a door whose clients give none by themselves, if one is due', () => {
    const watch = new Watch();
    watch.pass(1_000);
    expect(watch.outlet.news()).toEqual(['mark 10']);
    watch.receive(10);
    watch.pass(1_000);
    expect(watch.outlet.news()).toEqual([]);
  });
});

describe('a viewer that has fallen behind', () => {
  it('goes on with what it missed, if the first of that is no older than the limit when all has arrived', () => {
    const watch = shut();
    watch.pass(2_000);
    watch.answerSync();
    expect(watch.news()).toEqual(['20..30']);
    expect([watch.viewer.state, watch.viewer.info.skips]).toEqual(['open', 0]);
    watch.pass(2_000);
    watch.feed.chunk(delta());
    expect(watch.viewer.state).toBe('open');
  });

  it('goes on at the newest join point if that is older, and is told what was skipped', () => {
    const watch = shut();
    watch.feed.chunk(key({ start: 3, end: 4 }));
    watch.feed.chunk(delta({ start: 4, end: 5 }));
    watch.pass(2_001);
    watch.answerSync();
    expect(watch.news()).toEqual(['skip to 30', '30..40', '40..50']);
    expect(watch.outlet.told.find(({ type }) => type === 'skip')).toMatchObject({ from: 2, to: 3, position: 30 });
    expect([watch.viewer.state, watch.viewer.info.skips, watch.viewer.info.skippedBytes]).toEqual(['open', 1, 10]);
  });

  it('waits for a keyframe if none came since, and the publisher is asked for one', () => {
    const watch = shut();
    watch.pass(2_001);
    watch.answerSync();
    expect([watch.viewer.state, watch.news(), watch.link.keyframes]).toEqual(['waiting', ['waiting keyframe'], 1]);
    watch.feed.chunk(key({ start: 3, end: 4 }));
    expect(watch.news()).toEqual(['skip to 30', '30..40']);
  });

  it('has caught up with the receipt of all that was sent, too', () => {
    const watch = shut();
    watch.receive(10);
    expect(watch.viewer.state).toBe('shut');
    watch.receive(20);
    expect(watch.news()).toEqual(['20..30']);
    watch.answerSync();
    expect(watch.news()).toEqual([]);
  });

  it('heeds neither an answer to an older question nor that its queue is empty', () => {
    const watch = shut();
    watch.viewer.drained();
    watch.viewer.synced(watch.outlet.syncId - 1);
    watch.viewer.synced(watch.outlet.syncId + 1);
    expect(watch.viewer.state).toBe('shut');
  });

  it('goes on with the epoch that began meanwhile', () => {
    const watch = shut();
    watch.feed.init(initSegment());
    watch.feed.chunk(key());
    expect(watch.news()).toEqual([]);
    watch.answerSync();
    expect(watch.news()).toEqual(['init 0', '0..10']);
    watch.receive(10);
    watch.pass(60_000);
    watch.feed.chunk(delta());
    expect(watch.viewer.state).toBe('open');
  });

  it('is sent what it missed before the end of the stream, if the first of that is no older than the limit', () => {
    const watch = shut();
    watch.feed.chunk(delta({ start: 3, end: 4 }));
    watch.pass(2_000);
    watch.feed.end();
    expect(watch.news()).toEqual(['20..30', '30..40', 'end ended']);
  });

  it('is sent the newest join point and what follows before the end of the stream if that is older, and is told what was skipped', () => {
    const watch = shut();
    watch.feed.chunk(key({ start: 3, end: 4 }));
    watch.feed.chunk(delta({ start: 4, end: 5 }));
    watch.pass(2_001);
    watch.feed.end();
    expect(watch.news()).toEqual(['skip to 30', '30..40', '40..50', 'end ended']);
  });

  it('is sent the epoch that began meanwhile before the end of the stream', () => {
    const watch = shut();
    watch.feed.init(initSegment());
    watch.feed.chunk(key());
    watch.feed.chunk(delta());
    watch.feed.end();
    expect(watch.news()).toEqual(['init 0', '0..10', '10..20', 'end ended']);
  });

  it('is sent nothing more before the end if there is nothing to go on with, and the publisher isn’t asked for a keyframe', () => {
    const watch = shut();
    watch.pass(2_001);
    watch.feed.end();
    expect([watch.news(), watch.link.keyframes]).toEqual([['end ended'], 0]);
  });

  it('is sent nothing more before the end while much waits for it', () => {
    const watch = shut({ blindQueue: 100 });
    watch.outlet.queue = 101;
    watch.feed.end();
    expect(watch.news()).toEqual(['end ended']);
  });

  it('and doesn’t answer for 15 s is told so and let go', () => {
    const watch = shut();
    watch.pass(14_999);
    expect(watch.outlet.failure).toBeUndefined();
    watch.pass(1_000);
    expect([watch.outlet.failure?.code, watch.viewer.state]).toEqual(['too-slow', 'closed']);
  });

  it('and pauses is not too slow; when it plays it begins as a newcomer does', () => {
    const watch = shut();
    watch.viewer.pause();
    watch.pass(60_000);
    expect(watch.viewer.state).toBe('paused');
    watch.feed.chunk(key());
    watch.news();
    watch.viewer.play();
    expect(watch.news()).toEqual(['init 30', '30..40']);
    watch.pass(1_000);
    watch.feed.chunk(delta());
    expect(watch.news()).toEqual(['40..50']);
  });
});
