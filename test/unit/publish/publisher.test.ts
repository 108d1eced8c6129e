import { DEFAULT_MEDIA_LIMITS } from '../../../src/media/container-parser';
import { entryOf, type SluiceError } from '../../../src/protocol/error-code';
import { Work } from '../../../src/media/work-meter';
import { Publisher, type PublisherOptions, WORK_PER_TURN } from '../../../src/publish/publisher';
import { codeOf } from '../../support/code-of';
import { joinBytes } from '../../support/container-parser-contract';
import { FakeRelay } from '../../support/fake-relay';
import { AV_MOOV, box, fragment, FTYP, hex, NON_SYNC, VIDEO, VIDEO_MOOV } from '../../support/mp4-boxes';

const INIT = joinBytes([FTYP, VIDEO_MOOV]);
const KEYFRAME = fragment([{ id: VIDEO, time: 0, samples: [{ data: 'key' }] }]);
const DELTA = fragment([{ id: VIDEO, time: 10, samples: [{ data: 'delta', flags: NON_SYNC }] }]);
/** It says that it is smaller than its own head. */
const BROKEN_BOX = hex('00000004 6d6f6f66');
const NO_CONTAINER = new TextEncoder().encode('hello, relay');

/** A door that notes what it hears: `live avc1.42C01E`, `keyframe`, `failed no-media`. */
class NotingDoor {
  readonly heard: string[] = [];

  live({ tracks }: { tracks: readonly { codec: string }[] }): void {
    this.heard.push(['live', ...tracks.map(({ codec }) => codec)].join(' '));
  }

  jumped(seconds: number): void {
    this.heard.push(`jumped ${Math.round(seconds)}`);
  }

  keyframeMissing(seconds: number): void {
    this.heard.push(`no keyframe ${seconds}`);
  }

  keyframe(): void {
    this.heard.push('keyframe');
  }

  failed({ code }: SluiceError): void {
    this.heard.push(`failed ${code}`);
  }
}

interface Publishing {
  readonly publisher: Publisher;
  readonly door: NotingDoor;
}

function publish(relay: FakeRelay, options: Partial<PublisherOptions> = {}): Publishing {
  const door = new NotingDoor();
  const patience = { beforeLive: 10_000, live: 10_000 };
  const publisher = new Publisher({ name: 'cam', origin: { transport: 'http', address: '::1' }, patience, registry: relay.registry, limits: DEFAULT_MEDIA_LIMITS, clock: relay.clock, door, ...options });
  return { publisher, door };
}

function setUp(options: Partial<PublisherOptions> = {}): Publishing & { relay: FakeRelay } {
  const relay = new FakeRelay();
  return { relay, ...publish(relay, options) };
}

describe('a publisher', () => {
  it('passes on what comes, cut anywhere, and counts it', () => {
    const { relay, publisher, door } = setUp();
    const { outlet } = relay.watch();
    const bytes = joinBytes([INIT, KEYFRAME, DELTA]);
    for (const byte of bytes) publisher.push(Uint8Array.of(byte));
    expect(door.heard).toEqual(['live avc1.42C01E']);
    const first = KEYFRAME.length;
    expect(outlet.news().slice(-2)).toEqual([`0..${first}`, `${first}..${first + DELTA.length}`]);
    expect([publisher.bytes, publisher.viewers]).toEqual([bytes.length, 1]);
  });

  it('is live again with each new timeline', () => {
    const { door, publisher } = setUp();
    publisher.push(joinBytes([INIT, KEYFRAME, FTYP, AV_MOOV, KEYFRAME]));
    expect(door.heard).toEqual(['live avc1.42C01E', 'live avc1.42C01E opus']);
  });

  it('is reported once where viewers could not join for long', () => {
    const { relay, door, publisher } = setUp();
    const missing = jest.spyOn(relay.registry, 'keyframeMissing');
    publisher.push(joinBytes([INIT, KEYFRAME, ...[5_000, 10_000, 15_000, 20_000].map((time) => fragment([{ id: VIDEO, time, samples: [{ data: 'delta', flags: NON_SYNC, duration: 5_000 }] }]))]));
    expect(door.heard).toEqual(['live avc1.42C01E', 'no keyframe 15']);
    expect(missing.mock.calls).toEqual([[{ name: 'cam', seconds: 15 }]]);
  });

  it('begins a new epoch where its timestamps jump, and none with the same init segment again', () => {
    const { relay, door, publisher } = setUp();
    const later = fragment([{ id: VIDEO, time: 60_000, samples: [{ data: 'key' }] }]);
    publisher.push(joinBytes([INIT, later]));
    const first = relay.epoch;
    publisher.push(joinBytes([INIT, later]));
    expect(relay.epoch).toBe(first);
    publisher.push(KEYFRAME);
    expect(relay.epoch).not.toBe(first);
    expect(door.heard).toEqual(['live avc1.42C01E', 'jumped -60', 'live avc1.42C01E']);
  });

  it('is asked for a keyframe when a viewer waits for one', () => {
    const { relay, publisher, door } = setUp();
    relay.watch();
    publisher.push(joinBytes([INIT, DELTA]));
    expect(door.heard).toEqual(['live avc1.42C01E', 'keyframe']);
  });

  it('passes on when its media was captured', () => {
    const { relay, publisher } = setUp();
    publisher.push(INIT);
    publisher.clock(0.25, 7);
    publisher.push(KEYFRAME);
    expect(relay.watch().outlet.told).toContainEqual({ type: 'clock', epoch: relay.epoch, media: 0.25, wall: 7 });
  });

  it('of a name in use or of no name is refused, and leaves no timer', () => {
    const { relay, publisher } = setUp();
    expect(codeOf(() => publish(relay))).toBe('name-in-use');
    expect(codeOf(() => publish(relay, { name: 'a.b' }))).toBe('bad-name');
    publisher.lost();
    expect(relay.clock.pending).toBe(0);
  });

  it('of the same session replaces the one before, who is told once and heard no more', () => {
    const { relay, publisher, door } = setUp({ session: 'session' });
    publisher.push(joinBytes([INIT, KEYFRAME]));
    const second = publish(relay, { session: 'session' });
    expect(door.heard).toEqual(['live avc1.42C01E', 'failed replaced']);
    second.publisher.push(joinBytes([INIT, KEYFRAME]));
    publisher.push(DELTA);
    publisher.end();
    publisher.lost();
    expect(door.heard).toHaveLength(2);
    expect(relay.registry.list()).toMatchObject([{ state: 'live' }]);
    second.publisher.end();
    expect(relay.clock.pending).toBe(0);
  });
});

describe('a publisher whose one message asks for much work', () => {
  /** A door that can be held, and notes that it is. */
  class HeldDoor extends NotingDoor {
    held = false;

    hold(held: boolean): void {
      this.held = held;
    }
  }

  const MANY = Math.ceil((3 * WORK_PER_TURN) / Work.chunk);
  const message = (): Uint8Array => joinBytes([INIT, ...Array<Uint8Array>(MANY).fill(KEYFRAME)]);

  /** The chunks that the relay has of the publisher. */
  function heldOf(relay: FakeRelay): number {
    return (relay.registry.get('cam')?.epoch?.position ?? 0) / KEYFRAME.length;
  }

  it('has it done in several turns, in between which others have theirs, and nothing more is read from it', () => {
    const door = new HeldDoor();
    const { relay, publisher } = setUp({ door });
    const lent = message();
    publisher.push(lent);
    lent.fill(0);
    const most = WORK_PER_TURN / Work.chunk + 1;
    let done = heldOf(relay);
    for (let turn = 1; done < MANY; turn++) {
      expect(turn).toBeLessThan(10);
      expect(door.held).toBe(true);
      relay.clock.pass(1);
      const next = heldOf(relay);
      expect(next - done).toBeLessThanOrEqual(most);
      done = next;
    }
    expect([door.held, door.heard, publisher.bytes]).toEqual([false, ['live avc1.42C01E'], message().length]);
  });

  it('is heard in order: what comes after the message, and that the media is over', () => {
    const door = new HeldDoor();
    const { relay, publisher } = setUp({ door });
    const { outlet } = relay.watch();
    publisher.push(message());
    publisher.push(joinBytes([FTYP, AV_MOOV, KEYFRAME]));
    const after: number[] = [];
    publisher.after(() => after.push(door.heard.length));
    publisher.end();
    expect([after, door.heard]).toEqual([[], ['live avc1.42C01E']]);
    relay.clock.pass(100);
    expect([after, door.heard]).toEqual([[2], ['live avc1.42C01E', 'live avc1.42C01E opus']]);
    expect(outlet.news().at(-1)).toBe('end ended');
    expect(relay.clock.pending).toBe(0);
  });

  it('is told what is wrong with it, in its turn', () => {
    const door = new HeldDoor();
    const { relay, publisher } = setUp({ door });
    publisher.push(joinBytes([message(), BROKEN_BOX]));
    publisher.after(() => door.heard.push('after'));
    expect(door.heard).toEqual(['live avc1.42C01E']);
    relay.clock.pass(100);
    expect(door.heard).toEqual(['live avc1.42C01E', 'failed malformed-media']);
  });

  it('leaves no turn to be done when it breaks off', () => {
    const door = new HeldDoor();
    const { relay, publisher } = setUp({ door });
    publisher.push(message());
    const done = heldOf(relay);
    publisher.lost();
    relay.clock.pass(100);
    expect([heldOf(relay), door.held]).toEqual([done, false]);
  });

  it('goes on at its pace, and not in smaller steps, after it was held', () => {
    const door = new HeldDoor();
    const fragments = Array<Uint8Array>(40).fill(KEYFRAME);
    const { relay, publisher } = setUp({ door, rates: { maxBitrate: 8 * KEYFRAME.length, maxChunkRate: Infinity } });
    publisher.push(INIT);
    for (const fragment of fragments) publisher.push(fragment);
    relay.clock.pass(20_000);
    expect(heldOf(relay)).toBeGreaterThan(10);
  });

  it('reads no more init segments at once than it has work for, also where they are the same', () => {
    const { relay, publisher } = setUp({ door: new HeldDoor() });
    publisher.push(joinBytes([INIT, KEYFRAME, ...Array<Uint8Array>(20_000).fill(INIT)]));
    expect(publisher.bytes).toBeLessThan(1_000 * INIT.length);
    relay.clock.pass(100);
    expect(publisher.bytes).toBeGreaterThan(0);
  });

  it('is held back by its bitrate for the init segments that its jumps make the relay send again', () => {
    const door = new HeldDoor();
    const large = joinBytes([FTYP, box('moov', VIDEO_MOOV.subarray(8), box('udta', new Uint8Array(100_000)))]);
    const { relay, publisher } = setUp({ door, rates: { maxBitrate: 8 * 100_000, maxChunkRate: Infinity } });
    publisher.push(joinBytes([large, KEYFRAME]));
    relay.clock.pass(10);
    const later = fragment([{ id: VIDEO, time: 100_000, samples: [{ data: 'key' }] }]);
    for (let jump = 0; jump < 10; jump++) publisher.push(jump % 2 === 0 ? later : KEYFRAME);
    expect([door.held, door.heard.filter((line) => line.startsWith('jumped')).length]).toEqual([true, 2]);
  });

  it('begins no more epochs than it may, of however many it sends at once', () => {
    const door = new HeldDoor();
    const { relay, publisher } = setUp({ door });
    // An init segment that is the same as before begins none.
    publisher.push(joinBytes(Array<Uint8Array>(500).fill(joinBytes([INIT, KEYFRAME, FTYP, AV_MOOV, KEYFRAME]))));
    expect(door.heard).toHaveLength(21);
    relay.clock.pass(2_000);
    expect(door.heard.length).toBeGreaterThan(21);
    expect(door.heard.length).toBeLessThanOrEqual(31);
    relay.clock.pass(60_000);
    expect(door.heard.at(-1)).toBe('failed too-fast');
    expect(door.heard.length).toBeLessThan(200);
  });
});

describe('a publisher that ends', () => {
  it('ends its stream, whatever it does after', () => {
    const { relay, publisher, door } = setUp();
    publisher.push(joinBytes([INIT, KEYFRAME]));
    publisher.end();
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
    publisher.end();
    publisher.lost();
    publisher.clock(1, 1);
    publisher.push(NO_CONTAINER);
    expect(door.heard).toEqual(['live avc1.42C01E']);
    expect(publisher.bytes).toBe(INIT.length + KEYFRAME.length);
  });

  it.each([
    ['without a byte', [], 'no-media'],
    ['in its init segment', [INIT.subarray(0, 30)], 'incomplete-media'],
    ['in a chunk', [INIT, KEYFRAME.subarray(0, 20)], 'incomplete-media'],
    ['before its first frame', [INIT.subarray(0, 30), INIT.subarray(30)], 'no-media'],
  ])('%s is told so, and counts as broken off', (_where, pieces, code) => {
    const { relay, publisher, door } = setUp();
    for (const piece of pieces) publisher.push(piece);
    publisher.end();
    publisher.lost();
    expect(door.heard.at(-1)).toBe(`failed ${code}`);
    expect(relay.registry.list().map(({ state }) => state)).toEqual(pieces.length > 1 ? ['held'] : []);
  });
});

describe('a publisher that breaks off', () => {
  it('leaves its stream held, and is told nothing', () => {
    const { relay, publisher, door } = setUp();
    publisher.push(joinBytes([INIT, KEYFRAME]));
    publisher.lost();
    publisher.lost();
    publisher.end();
    expect(door.heard).toEqual(['live avc1.42C01E']);
    expect(relay.registry.list()).toMatchObject([{ state: 'held' }]);
    relay.clock.pass(10_000);
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
  });
});

describe('a publisher of bad media', () => {
  it('is told once, and the name is free', () => {
    const { relay, publisher, door } = setUp();
    publisher.push(NO_CONTAINER);
    publisher.push(NO_CONTAINER);
    publisher.end();
    expect(door.heard).toEqual(['failed not-a-container']);
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
  });

  it('behind good media leaves its viewers waiting for the next', () => {
    const { relay, publisher } = setUp();
    const { outlet } = relay.watch();
    publisher.push(joinBytes([INIT, KEYFRAME, BROKEN_BOX]));
    expect(outlet.news().at(-1)).toBe('waiting publisher');
    publish(relay).publisher.push(joinBytes([INIT, KEYFRAME]));
    expect(outlet.news()).toEqual(['init 0', 'waiting keyframe', 'clock', `0..${KEYFRAME.length}`]);
  });

  it('that follows one that broke off leaves the stream held, and its viewers are told', () => {
    const { relay, publisher } = setUp();
    publisher.push(joinBytes([INIT, KEYFRAME]));
    publisher.lost();
    const { outlet } = relay.watch();
    outlet.news();
    publish(relay).publisher.push(NO_CONTAINER);
    expect(outlet.news()).toEqual(['waiting publisher']);
    relay.clock.pass(10_000);
    expect(outlet.news()).toEqual(['end ended']);
    expect(relay.clock.pending).toBe(0);
  });

  it('whose chunk is larger than allowed is told so', () => {
    const { publisher, door } = setUp({ limits: { ...DEFAULT_MEDIA_LIMITS, maxChunk: 50 } });
    publisher.push(joinBytes([INIT, KEYFRAME]));
    expect(door.heard).toEqual(['live avc1.42C01E', 'failed chunk-too-large']);
  });
});

describe('a publisher whose door fails', () => {
  it('is let go with the code of an error within', () => {
    const { relay, publisher, door } = setUp();
    door.live = () => {
      throw new Error('Broken pipe');
    };
    publisher.push(INIT);
    expect(door.heard).toEqual(['failed internal']);
    expect(relay.registry.list()).toMatchObject([{ state: 'held' }]);
  });
});

describe('the patience with a publisher', () => {
  it('ends when nothing has come for 10 s', () => {
    const { relay, door } = setUp();
    relay.clock.pass(9_999);
    expect(door.heard).toEqual([]);
    relay.clock.pass(1);
    expect(door.heard).toEqual(['failed publisher-idle']);
    expect([relay.registry.get('cam'), relay.clock.pending]).toEqual([undefined, 0]);
  });

  it('is told with the time that is configured, in the message and in the remedy', () => {
    const errors: SluiceError[] = [];
    const { relay, door } = setUp({ patience: { beforeLive: 2_500, live: 2_500 } });
    door.failed = (error) => errors.push(error);
    relay.clock.pass(2_500);
    expect(errors.map((error) => [error.message, entryOf(error).remedy])).toEqual([
      ['Nothing came for "cam" for 2.5 s', 'Keep sending: a publisher that is silent for 2.5 s is ended'],
    ]);
  });

  it('begins anew with each byte, but not with nothing', () => {
    const { relay, publisher, door } = setUp();
    for (const byte of INIT.subarray(0, 5)) {
      relay.clock.pass(9_000);
      publisher.push(Uint8Array.of(byte));
    }
    relay.clock.pass(9_000);
    publisher.push(new Uint8Array(0));
    expect(door.heard).toEqual([]);
    relay.clock.pass(1_000);
    expect(door.heard).toEqual(['failed publisher-idle']);
  });

  it('is the same behind the first chunk, and then holds the stream', () => {
    const { relay, publisher, door } = setUp();
    publisher.push(joinBytes([INIT, KEYFRAME, DELTA.subarray(0, 20)]));
    relay.clock.pass(10_000);
    expect(door.heard.at(-1)).toBe('failed publisher-idle');
    expect(relay.registry.list()).toMatchObject([{ state: 'held' }]);
  });

  it('has no end behind the first chunk where the door says so', () => {
    const { relay, publisher, door } = setUp({ patience: { beforeLive: 10_000, live: Infinity } });
    publisher.push(joinBytes([INIT, KEYFRAME]));
    relay.clock.pass(100_000_000);
    expect(door.heard).toEqual(['live avc1.42C01E']);
    publisher.end();
    expect(relay.clock.pending).toBe(0);
  });

  it('ends there all the same as long as no chunk has come', () => {
    const { relay, publisher, door } = setUp({ patience: { beforeLive: 10_000, live: Infinity } });
    publisher.push(INIT);
    relay.clock.pass(10_000);
    expect(door.heard).toEqual(['live avc1.42C01E', 'failed publisher-idle']);
  });

  it('ends after a minute without a first chunk, however steadily bytes come', () => {
    const { relay, publisher, door } = setUp();
    publisher.push(INIT);
    for (let second = 9; second < 60; second += 9) {
      relay.clock.pass(9_000);
      publisher.push(KEYFRAME.subarray(second, second + 1));
    }
    relay.clock.pass(5_999);
    expect(door.heard).toEqual(['live avc1.42C01E']);
    relay.clock.pass(1);
    expect(door.heard).toEqual(['live avc1.42C01E', 'failed publisher-idle']);
  });

  it('with a first chunk is as long as the operator gives it for silence, if that is more', () => {
    const { relay, door } = setUp({ patience: { beforeLive: 300_000, live: 300_000 } });
    relay.clock.pass(299_999);
    expect(door.heard).toEqual([]);
    relay.clock.pass(1);
    expect(door.heard).toEqual(['failed publisher-idle']);
  });

  it('has no limit to a live stream that trickles', () => {
    const { relay, publisher, door } = setUp();
    publisher.push(joinBytes([INIT, KEYFRAME]));
    for (let count = 0; count < 20; count++) {
      relay.clock.pass(9_000);
      publisher.push(DELTA.subarray(count, count + 1));
    }
    expect(door.heard).toEqual(['live avc1.42C01E']);
  });
});
