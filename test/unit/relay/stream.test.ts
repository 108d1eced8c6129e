import { codeOf } from '../../support/code-of';
import { audio, delta, initSegment, key } from '../../support/fake-media';
import { FakeOutlet } from '../../support/fake-outlet';
import { FakeLink, FakeRelay } from '../../support/fake-relay';

/** The pairs of media and wall time, less the beginning of all time, that a viewer was told. */
function clocks(outlet: FakeOutlet): [media: number, wall: number][] {
  const start = new FakeRelay().clock.wall();
  return outlet.told.flatMap((event) => (event.type === 'clock' ? [[event.media, event.wall - start] as [number, number]] : []));
}

describe('a stream', () => {
  it('sends every viewer the same chunks, whenever it came', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const early = relay.watch();
    feed.chunk(key());
    const late = relay.watch();
    feed.chunk(delta());
    expect(late.outlet.sent).toEqual(early.outlet.sent);
    expect(late.outlet.sent[0]!.bytes).toBe(early.outlet.sent[0]!.bytes);
  });

  it('begins an epoch of its own with every init segment, even the same twice', () => {
    const relay = new FakeRelay();
    const { outlet } = relay.watch();
    const feed = relay.publish();
    const init = initSegment();
    for (let count = 0; count < 2; count++) {
      feed.init(init);
      feed.chunk(key());
    }
    feed.init(init);
    expect(outlet.news()).toEqual(['waiting publisher', ...['init 0', 'waiting keyframe', 'clock', '0..10'], ...['init 0', 'waiting keyframe', 'clock', '0..10'], ...['init 0', 'waiting keyframe']]);
    expect(new Set(outlet.begun.map(({ epoch }) => epoch)).size).toBe(3);
  });

  it('says what it is, once it has an init segment', () => {
    const relay = new FakeRelay();
    const feed = relay.publish();
    expect(relay.registry.list()).toEqual([]);
    const since = relay.clock.wall();
    feed.init(initSegment());
    feed.chunk(key({ size: 1_000 }));
    relay.watch();
    relay.clock.pass(1_000);
    expect(relay.registry.list()).toEqual([
      {
        name: 'cam',
        state: 'live',
        mime: 'video/mp4; codecs="avc1.42E01E, opus"',
        tracks: [
          { kind: 'video', codec: 'avc1.42E01E', width: 160, height: 120 },
          { kind: 'audio', codec: 'opus', channels: 2, sampleRate: 48000 },
        ],
        bitrate: 8_000,
        viewers: 1,
        since,
      },
    ]);
    feed.init(initSegment());
    feed.lost();
    expect(relay.registry.list()).toMatchObject([{ state: 'held', since }]);
  });

  it('takes no chunk of a publisher that has not begun an epoch', () => {
    const relay = new FakeRelay();
    relay.live().lost();
    const { outlet } = relay.watch();
    const feed = relay.publish();
    feed.chunk(key());
    expect(outlet.news()).toEqual(['init 0', 'waiting publisher']);
  });
});

describe('the clock of a stream', () => {
  it('is told once a second, in the same turn as a chunk and before it', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const { outlet } = relay.watch();
    outlet.news();
    feed.chunk(key({ end: 1 }));
    relay.clock.pass(999);
    feed.chunk(delta({ end: 2 }));
    relay.clock.pass(1);
    expect(outlet.news()).toEqual(['clock', '0..10', '10..20']);
    feed.chunk(delta({ end: 3 }));
    relay.clock.pass(1_500);
    feed.chunk(delta({ end: 4 }));
    expect(outlet.news()).toEqual(['clock', '20..30', 'clock', '30..40']);
    expect(clocks(outlet)).toEqual([[1, 0], [3, 1_000], [4, 2_500]]);
  });

  it('tells a newcomer when the newest chunk came, and not when it asked', () => {
    const relay = new FakeRelay();
    relay.live().chunk(key({ end: 1 }));
    relay.clock.pass(700);
    expect(clocks(relay.watch().outlet)).toEqual([[1, 0]]);
  });

  it('goes by what the publisher captured when, until its epoch is over', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const { outlet } = relay.watch();
    feed.clock(0.5, relay.clock.wall() - 40);
    feed.chunk(key({ end: 1 }));
    feed.init(initSegment());
    feed.chunk(key({ end: 1 }));
    expect(clocks(outlet)).toEqual([[0.5, -40], [1, 0]]);
  });
});

describe('a publisher that sends nothing', () => {
  it('for 3 s is told to viewers once, and to whoever comes meanwhile', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const { outlet } = relay.watch();
    outlet.news();
    relay.clock.pass(2_999);
    expect(outlet.news()).toEqual([]);
    relay.clock.pass(60_000);
    expect(outlet.news()).toEqual(['waiting idle']);
    expect(relay.watch().outlet.news()).toEqual(['init 0', 'clock', '0..10', 'waiting idle']);
    feed.chunk(delta());
    expect(relay.watch().outlet.news()).toEqual(['init 0', 'clock', '0..10', '10..20']);
    outlet.news();
    relay.clock.pass(4_000);
    expect(outlet.news()).toEqual(['waiting idle']);
  });

  it('after it took over is told, too', () => {
    const relay = new FakeRelay();
    const feed = relay.live(new FakeLink('session'));
    const { outlet } = relay.watch();
    feed.chunk(key());
    relay.clock.pass(2_000);
    relay.publish(new FakeLink('session'));
    outlet.news();
    relay.clock.pass(2_000);
    expect(outlet.news()).toEqual([]);
    relay.clock.pass(2_000);
    expect(outlet.news()).toEqual(['waiting idle']);
  });
});

describe('the request for a keyframe', () => {
  it('is made once a second, however many wait', () => {
    const relay = new FakeRelay();
    const link = new FakeLink();
    relay.live(link).chunk(delta());
    for (let count = 0; count < 10; count++) relay.watch();
    relay.clock.pass(999);
    relay.watch();
    expect(link.keyframes).toBe(1);
    relay.clock.pass(1);
    relay.watch();
    expect(link.keyframes).toBe(2);
  });

  it('is made again for as long as somebody waits', () => {
    const relay = new FakeRelay();
    const link = new FakeLink();
    const feed = relay.live(link);
    feed.chunk(delta());
    relay.watch();
    for (let count = 0; count < 20; count++) {
      relay.clock.pass(500);
      feed.chunk(delta());
    }
    expect(link.keyframes).toBe(11);
    feed.chunk(key());
    relay.clock.pass(2_000);
    feed.chunk(delta());
    expect(link.keyframes).toBe(11);
  });

  it('is not made before there is video that nobody can begin with', () => {
    const relay = new FakeRelay();
    relay.watch();
    const link = new FakeLink();
    const feed = relay.live(link);
    feed.chunk(audio());
    feed.chunk(key());
    expect(link.keyframes).toBe(0);
  });

  it('is made to a publisher that has taken over, however short a time ago the one before was asked', () => {
    const relay = new FakeRelay();
    relay.live(new FakeLink('session')).chunk(delta());
    relay.watch();
    const link = new FakeLink('session');
    relay.live(link).chunk(delta());
    expect(link.keyframes).toBe(1);
  });
});

describe('a publisher that breaks off', () => {
  it('is waited for 10 s, then the stream ends', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const { viewer, outlet } = relay.watch();
    outlet.news();
    feed.lost();
    feed.lost();
    relay.clock.pass(9_999);
    expect(outlet.news()).toEqual(['waiting publisher']);
    relay.clock.pass(1);
    expect(outlet.news()).toEqual(['end ended']);
    expect([viewer.state, relay.registry.get('cam'), relay.clock.pending]).toEqual(['closed', undefined, 0]);
  });

  it('is not waited for where the hold is 0', () => {
    const relay = new FakeRelay({ hold: 0 });
    relay.live().lost();
    relay.clock.pass(0);
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
  });

  it('may be followed by any other, and viewers go on with its epoch', () => {
    const relay = new FakeRelay();
    relay.live(new FakeLink('session')).lost();
    const { outlet } = relay.watch();
    outlet.news();
    const feed = relay.publish();
    relay.clock.pass(1_000_000);
    expect(outlet.news()).toEqual(['waiting idle']);
    feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual(['init 0', 'waiting keyframe', 'clock', '0..10']);
  });

  it('is waited for no longer for those who come meanwhile and fail before their init segment', () => {
    const relay = new FakeRelay();
    relay.live().lost();
    const { outlet } = relay.watch();
    outlet.news();
    relay.clock.pass(9_000);
    relay.publish().lost();
    expect(outlet.news()).toEqual(['waiting publisher']);
    relay.clock.pass(999);
    expect(outlet.news()).toEqual([]);
    relay.clock.pass(1);
    expect(outlet.news()).toEqual(['end ended']);
  });

  it('before its init segment is not waited for, and the name is free at once', () => {
    const relay = new FakeRelay();
    relay.publish().lost();
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
  });

  it('before its init segment leaves its viewers waiting', () => {
    const relay = new FakeRelay();
    const { viewer, outlet } = relay.watch();
    relay.publish().lost();
    expect([viewer.state, outlet.news()]).toEqual(['waiting', ['waiting publisher']]);
    relay.live();
    expect(outlet.news()).toEqual(['init 0', 'waiting keyframe']);
  });
});

describe('a publisher that ends', () => {
  it('ends the stream for everybody at once, and the name is free', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    const outlets = [relay.watch(), relay.watch()].map(({ outlet }) => outlet);
    for (const outlet of outlets) outlet.news();
    feed.end();
    feed.end();
    feed.lost();
    for (const outlet of outlets) expect(outlet.news()).toEqual(['end ended']);
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
  });

  it('is heard no more, also by the stream of the same name that follows', () => {
    const relay = new FakeRelay();
    const old = relay.live();
    old.end();
    relay.live().chunk(key());
    const { outlet } = relay.watch();
    outlet.news();
    old.init(initSegment());
    old.chunk(delta());
    old.clock(1, 2);
    old.end();
    old.lost();
    expect(outlet.news()).toEqual([]);
    expect(relay.registry.list()).toMatchObject([{ state: 'live' }]);
  });
});

describe('a second publisher', () => {
  it('is refused, and changes nothing', () => {
    const relay = new FakeRelay();
    const link = new FakeLink('session');
    const feed = relay.live(link);
    const { outlet } = relay.watch();
    outlet.news();
    for (const session of [undefined, 'another']) {
      expect(codeOf(() => relay.registry.checkFree('cam', session))).toBe('name-in-use');
      expect(codeOf(() => relay.publish(new FakeLink(session)))).toBe('name-in-use');
    }
    feed.chunk(key());
    expect(outlet.news()).toEqual(['clock', '0..10']);
    expect(link.replacements).toBe(0);
  });

  it('without a session is refused where the first has none either', () => {
    const relay = new FakeRelay();
    relay.publish();
    expect(codeOf(() => relay.publish())).toBe('name-in-use');
  });

  it('of the same session takes over at once, and the first is heard no more', () => {
    const relay = new FakeRelay();
    const first = new FakeLink('session');
    const old = relay.live(first);
    const { outlet } = relay.watch();
    outlet.news();
    relay.registry.checkFree('cam', 'session');
    const feed = relay.publish(new FakeLink('session'));
    expect(first.replacements).toBe(1);
    old.chunk(key());
    old.end();
    old.lost();
    expect(outlet.news()).toEqual([]);
    feed.init(initSegment());
    feed.chunk(key());
    expect(outlet.news()).toEqual(['init 0', 'waiting keyframe', 'clock', '0..10']);
  });
});

describe('a viewer whose door throws', () => {
  function failOn(step: 'onBegin' | 'onSend'): { relay: FakeRelay; broken: FakeOutlet } {
    const relay = new FakeRelay();
    const broken = new FakeOutlet();
    broken[step] = () => {
      throw new Error('Broken pipe');
    };
    return { relay, broken };
  }

  it.each(['onBegin', 'onSend'] as const)('in %s is let go with a code, and the others notice nothing', (step) => {
    const { relay, broken } = failOn(step);
    const first = relay.watch();
    const { viewer } = relay.watch(undefined, broken);
    const last = relay.watch();
    const feed = relay.live();
    feed.chunk(key());
    for (const { outlet } of [first, last]) expect(outlet.news()).toEqual(['waiting publisher', 'init 0', 'waiting keyframe', 'clock', '0..10']);
    expect(broken.failure).toMatchObject({ code: 'internal', cause: expect.objectContaining({ message: 'Broken pipe' }) });
    expect([viewer.state, feed.viewers]).toEqual(['closed', 2]);
    expect(relay.faults).toEqual([new Error('Broken pipe')]);
  });

  it('at once leaves nothing behind', () => {
    const { relay, broken } = failOn('onBegin');
    const feed = relay.live();
    feed.chunk(key());
    expect(relay.watch(undefined, broken).viewer.state).toBe('closed');
    expect(feed.viewers).toBe(0);
    feed.end();
    expect(relay.clock.pending).toBe(0);
  });
});

describe('viewers that leave while a chunk goes round', () => {
  it('are sent nothing, and those behind them are', () => {
    const relay = new FakeRelay();
    const feed = relay.live();
    feed.chunk(key());
    const [first, second, third] = [relay.watch(), relay.watch(), relay.watch()];
    for (const { outlet } of [first, second, third]) outlet.news();
    first.outlet.onSend = () => {
      first.viewer.close();
      second.viewer.close();
    };
    feed.chunk(delta());
    expect([first, second, third].map(({ outlet }) => outlet.news())).toEqual([['10..20'], [], ['10..20']]);
    expect(feed.viewers).toBe(1);
  });
});
