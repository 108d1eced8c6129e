import { HlsStreams } from '../../../../src/watch/hls/hls-streams';
import { codeOf } from '../../../support/code-of';
import { key } from '../../../support/fake-media';
import { FakeRelay } from '../../../support/fake-relay';

function make(relay: FakeRelay, hlsAlways = false): HlsStreams {
  return new HlsStreams(relay.registry, relay.clock, { hlsWindow: 12, hlsAlways });
}

describe('the streams that are packaged as HLS', () => {
  it('are those that are asked for, until half a minute after the last request', () => {
    const relay = new FakeRelay();
    relay.live().chunk(key());
    const streams = make(relay);
    expect(streams.get('cam')).toBeUndefined();
    const opened = streams.open('cam');
    relay.clock.pass(29_000);
    expect(streams.open('cam')).toBe(opened);
    opened.segment(0);
    relay.clock.pass(29_000);
    expect(streams.get('cam')).toBe(opened);
    relay.clock.pass(2_000);
    expect(streams.get('cam')).toBeUndefined();
  });

  it('are all that there are, where that is wanted', () => {
    const relay = new FakeRelay();
    const streams = make(relay, true);
    const feed = relay.live();
    relay.clock.pass(1_000);
    const stream = streams.get('cam');
    expect(stream).toBeDefined();
    relay.clock.pass(60_000);
    expect(streams.get('cam')).toBe(stream);
    feed.end();
    relay.clock.pass(31_000);
    expect(streams.get('cam')).toBeUndefined();
  });

  it('stay for half a minute when they are over, whoever asks, and give way to the next of their name', () => {
    const relay = new FakeRelay();
    relay.live().end();
    const streams = make(relay);
    expect(codeOf(() => streams.open('cam'))).toBe('no-stream');
    const feed = relay.live();
    const first = streams.open('cam');
    feed.end();
    expect(streams.open('cam')).toBe(first);
    relay.live();
    expect(streams.open('cam')).not.toBe(first);
  });

  it('have names', () => {
    expect(codeOf(() => make(new FakeRelay()).open('../x'))).toBe('bad-name');
  });

  it('leave no timer behind', () => {
    const relay = new FakeRelay();
    relay.live();
    const timers = relay.clock.pending;
    const streams = make(relay);
    streams.open('cam');
    relay.clock.pass(32_000);
    expect(relay.clock.pending).toBe(timers);
    streams.open('cam');
    streams.onApplicationShutdown();
    expect(relay.clock.pending).toBe(timers);
  });
});
