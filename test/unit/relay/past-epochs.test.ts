import type { Epoch } from '../../../src/relay/epoch';
import type { StreamFeed } from '../../../src/relay/stream-feed';
import type { Viewer } from '../../../src/relay/viewer';
import { FakeOutlet } from '../../support/fake-outlet';
import { delta, initSegment, key } from '../../support/fake-media';
import { FakeRelay } from '../../support/fake-relay';
import { isCollected } from '../../support/garbage';

/** A door that retains nothing of what it is given. */
class ForgetfulOutlet extends FakeOutlet {
  override begin(): void {
    // Nothing.
  }

  override sendAll(): void {
    // Nothing.
  }
}

interface Watch {
  readonly relay: FakeRelay;
  readonly feed: StreamFeed;
  readonly viewer: Viewer;
  readonly outlet: ForgetfulOutlet;
}

/** A viewer that was sent media of the first epoch of a stream. */
function watch(receipts = true): Watch {
  const relay = new FakeRelay();
  const feed = relay.live();
  for (const chunk of [key(), delta()]) feed.chunk(chunk);
  const outlet = new ForgetfulOutlet(receipts);
  const { viewer } = relay.watch(undefined, outlet);
  feed.chunk(delta());
  return { relay, feed, viewer, outlet };
}

function epochOf(relay: FakeRelay): WeakRef<Epoch> {
  return new WeakRef(relay.registry.get('cam')!.epoch!);
}

/** Begins the next epoch, and has its media delivered. Gives the epoch that is over. */
function beginNext({ relay, feed }: Watch): WeakRef<Epoch> {
  const past = epochOf(relay);
  feed.init(initSegment());
  for (const chunk of [key(), delta()]) feed.chunk(chunk);
  return past;
}

describe('an epoch that is over', () => {
  it('isn’t retained by a viewer that was paused in it', async () => {
    const test = watch();
    test.viewer.pause();
    const past = beginNext(test);
    expect(await isCollected(past)).toBe(true);
    expect(test.viewer.state).toBe('paused');
  });

  it('isn’t retained by a viewer that lags in it', async () => {
    for (const receipts of [true, false]) {
      const test = watch(receipts);
      test.outlet.queue = 9 << 20;
      test.feed.chunk(delta());
      expect(test.viewer.state).toBe('shut');
      const past = beginNext(test);
      expect(await isCollected(past)).toBe(true);
      expect(test.viewer.state).toBe('shut');
    }
  });

  it('isn’t retained by a viewer that begins to lag because of the next', async () => {
    const test = watch();
    test.outlet.queue = 9 << 20;
    const past = beginNext(test);
    expect(await isCollected(past)).toBe(true);
    expect(test.viewer.state).toBe('shut');
  });

  it('isn’t retained by a viewer that waits for a keyframe, or plays on', async () => {
    for (const chunks of [[delta()], [key()]]) {
      const relay = new FakeRelay();
      const feed = relay.live();
      for (const chunk of chunks) feed.chunk(chunk);
      const outlet = new ForgetfulOutlet(true);
      const past = beginNext({ relay, feed, outlet, viewer: relay.watch(undefined, outlet).viewer });
      expect(await isCollected(past)).toBe(true);
    }
  });

  it('isn’t retained by what was gathered for viewers of a longer interval', async () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const outlet = new ForgetfulOutlet(true);
    const viewer = relay.registry.watch('cam', outlet, { interval: 80 });
    feed.chunk(delta());
    const past = beginNext({ relay, feed, outlet, viewer });
    expect(await isCollected(past)).toBe(true);
  });

  it('isn’t retained after the end of its stream by a viewer whose door is still open', async () => {
    const { relay, feed, viewer } = watch();
    viewer.pause();
    const past = epochOf(relay);
    feed.end();
    expect(await isCollected(past)).toBe(true);
    expect(viewer.state).toBe('closed');
  });
});

describe('a viewer that was paused in an epoch that is over', () => {
  it('goes on in the next, and says before what it has received', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const { viewer, outlet } = relay.watch(undefined, new FakeOutlet(true));
    const { epoch } = relay;
    viewer.pause();
    feed.init(initSegment());
    feed.chunk(key());
    outlet.news();
    viewer.received({ epoch, position: 10 });
    expect(viewer.info.lag).toBe(0);
    viewer.play({ epoch, position: 10 });
    expect(outlet.news()).toEqual(['init 0', 'clock', '0..10']);
  });
});
