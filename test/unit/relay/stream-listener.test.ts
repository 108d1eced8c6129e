import type { StreamListener } from '../../../src/relay/stream-listener';
import { delta, initSegment, key } from '../../support/fake-media';
import { FakeRelay } from '../../support/fake-relay';

/** Notes what it is told, a line each. */
function listener(): StreamListener & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    epochBegan: ({ position }) => lines.push(`epoch ${position}`),
    chunkHeld: ({ from, position }) => lines.push(`${from}..${position}`),
    ended: (reason) => lines.push(`over: ${reason}`),
  };
}

describe('a listener of a stream', () => {
  it('is told epochs, chunks and the end, until it listens no longer', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = relay.registry.get('cam')!;
    const stays = listener();
    const goes = listener();
    stream.listen(stays);
    const leave = stream.listen(goes);
    feed.chunk(key());
    leave();
    feed.chunk(delta());
    feed.init(initSegment());
    feed.end();
    expect(goes.lines).toEqual(['0..10']);
    expect(stays.lines).toEqual(['0..10', '10..20', 'epoch 0', 'over: ended']);
  });

  it('that throws is reported, and takes nothing from the stream, its publisher, the viewers and other listeners', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = relay.registry.get('cam')!;
    const broken = (): never => {
      throw new Error('broken');
    };
    stream.listen({ epochBegan: broken, chunkHeld: broken, ended: broken });
    const whole = listener();
    stream.listen(whole);
    const { outlet } = relay.watch();
    feed.chunk(key());
    feed.init(initSegment());
    feed.chunk(key());
    feed.end();
    expect(whole.lines).toEqual(['0..10', 'epoch 0', '0..10', 'over: ended']);
    expect(outlet.news().filter((line) => /^init|\.\.|^end/.test(line))).toEqual(['init 0', '0..10', 'init 0', '0..10', 'end ended']);
    expect(relay.faults).toEqual(Array(4).fill(new Error('broken')));
  });

  it('is no viewer, and holds no stream', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = relay.registry.get('cam')!;
    stream.listen(listener());
    expect([stream.viewers, feed.viewers]).toEqual([0, 0]);
    feed.end();
    expect(relay.registry.get('cam')).toBeUndefined();
  });
});

describe('a viewer that its door serves', () => {
  it('is counted until it goes, once', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const stream = relay.registry.get('cam')!;
    const who = { address: '::1', disconnect: () => undefined };
    const guests = [stream.count(who), stream.count(who)];
    expect([stream.viewers, feed.viewers, stream.info?.viewers]).toEqual([2, 2, 2]);
    guests[0]!.leave();
    guests[0]!.leave();
    expect(stream.viewers).toBe(1);
  });
});
