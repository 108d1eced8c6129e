import type { StreamFeed } from '../../../src/relay/stream-feed';
import type { HlsStream } from '../../../src/hls/hls-stream';
import { HlsStreams } from '../../../src/hls/hls-streams';
import { readDirectives } from '../../../src/hls/delivery-directives';
import { readMediaAddress } from '../../../src/hls/media-address';
import { codeOf } from '../../support/code-of';
import { initSegment, key } from '../../support/fake-media';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

function make(relay: FakeRelay, { hlsAlways = false, maxStreams = 100 } = {}): HlsStreams {
  return new HlsStreams(relay.registry, relay.clock, { hlsWindow: 12, hlsAlways, maxStreams });
}

const YEAR_2030 = Date.UTC(2030, 0, 1);

/** Publishes `seconds` of media, a keyframe a second. */
function publish(relay: FakeRelay, feed: StreamFeed, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    feed.chunk(key({ start: second, end: second + 1 }));
    relay.clock.pass(1_000);
  }
}

/** The Media Sequence Numbers of the whole segments in the playlist, of which each must be there. */
function numbersOf(stream: HlsStream): { first: number; last: number } {
  let text = '';
  stream.playlist(readDirectives(new URLSearchParams('segments=1')), { ready: (file) => void (text = Buffer.from(file.answer(undefined, '').pieces[0]!).toString()), failed: () => undefined });
  const first = Number(/MEDIA-SEQUENCE:(.*)/.exec(text)?.[1]);
  const addresses = [...text.matchAll(/^[^#].*\/(.+)$/gm)].map(([, file = '']) => readMediaAddress(file));
  expect(addresses.length).toBeGreaterThan(0);
  for (const [index, address] of addresses.entries()) {
    expect(address).toEqual({ kind: 'segment', number: first + index });
    expect(stream.segment(first + index)).toBeDefined();
  }
  return { first, last: first + addresses.length - 1 };
}

describe('Media Sequence Numbers', () => {
  it('count the seconds of a fixed epoch, so that they go on where the relay or the machine restarts', () => {
    const before = new FakeRelay();
    before.clock.setWall(YEAR_2030);
    const feed = before.live();
    const packaged = make(before, { hlsAlways: true }).open('cam');
    publish(before, feed, 60);
    const { last } = numbersOf(packaged);
    const restarted = new FakeRelay();
    restarted.clock.setWall(before.clock.wall() + 1_000);
    const again = restarted.live();
    const stream = make(restarted).open('cam');
    publish(restarted, again, 5);
    expect(numbersOf(stream).first).toBeGreaterThan(last);
    expect(numbersOf(stream).last).toBeLessThan(2 ** 31);
  });

  it('go on from the last one given where the clock is set back by an hour, and packaging ends and begins again', () => {
    const relay = new FakeRelay();
    relay.clock.setWall(YEAR_2030);
    const feed = relay.live();
    const streams = make(relay);
    const first = streams.open('cam');
    publish(relay, feed, 25);
    const { last } = numbersOf(first);
    relay.clock.setWall(YEAR_2030 - 3_600_000);
    relay.clock.pass(32_000);
    expect(streams.get('cam')).toBeUndefined();
    const second = streams.open('cam');
    publish(relay, feed, 5);
    expect(numbersOf(second).first).toBeGreaterThan(last);
  });

  it('are never negative, and their segments are there, where the clock is set back while a stream is live, even to 1970', () => {
    for (const wall of [YEAR_2030 - 3_600_000, 0]) {
      const relay = new FakeRelay();
      relay.clock.setWall(YEAR_2030);
      const feed = relay.live();
      publish(relay, feed, 5);
      relay.clock.setWall(wall);
      const stream = make(relay).open('cam');
      expect(numbersOf(stream).first).toBeGreaterThanOrEqual(0);
    }
  });

  it('go on for a name whose stream is published anew', () => {
    const relay = new FakeRelay();
    const streams = make(relay);
    const feed = relay.live();
    const first = streams.open('cam');
    publish(relay, feed, 12);
    feed.end();
    const { last } = numbersOf(first);
    const next = relay.live();
    const second = streams.open('cam');
    publish(relay, next, 5);
    expect(numbersOf(second).first).toBeGreaterThan(last);
  });
});

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
    const streams = make(relay, { hlsAlways: true });
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

  it('are no more than may be published: those that have ended give way, the oldest first', () => {
    const relay = new FakeRelay();
    const streams = make(relay, { maxStreams: 2 });
    for (const name of ['one', 'two', 'three', 'four']) {
      const feed = relay.registry.publish(name, new FakeLink());
      feed.init(initSegment());
      streams.open(name);
      feed.end();
    }
    expect(['one', 'two', 'three', 'four'].filter((name) => streams.get(name) !== undefined)).toEqual(['three', 'four']);
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
