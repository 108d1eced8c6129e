import fc from 'fast-check';
import type { RelayLimits } from '../../../src/relay/relay-limits';
import type { StreamFeed } from '../../../src/relay/stream-feed';
import type { Viewer } from '../../../src/relay/viewer';
import type { MediaPlace } from '../../../src/relay/viewer-outlet';
import { audio, delta, initSegment, key } from '../../support/fake-media';
import { FakeLink, FakeRelay } from '../../support/fake-relay';
import { QueueingOutlet } from '../../support/queueing-outlet';

const PIECE = 100;
const INIT_SIZE = 5;
const LARGEST = 150;

/** A stream with a GOP of 40 chunks of 10 bytes, of which 10 are written at a time; the clock is left out of what a door is given. */
class Gop {
  readonly relay: FakeRelay;
  readonly link = new FakeLink();
  readonly feed: StreamFeed;
  #time = 0;

  constructor(limits: Partial<RelayLimits> = {}) {
    this.relay = new FakeRelay({ viewerPiece: PIECE, ...limits });
    this.feed = this.relay.live(this.link);
    this.chunk(key);
    for (let count = 1; count < 40; count++) this.chunk(delta);
  }

  chunk(make: typeof key, size = 10): void {
    this.feed.chunk(make({ start: this.#time, end: this.#time + 1, size }));
    this.#time++;
  }

  /** Somebody who comes, and whose system takes nothing. */
  watch({ resume, receipts = true, prompt = false }: { resume?: MediaPlace; receipts?: boolean; prompt?: boolean } = {}): Newcomer {
    const outlet = new QueueingOutlet(receipts);
    outlet.prompt = prompt;
    return new Newcomer(this.relay, outlet, this.relay.watch(resume, outlet).viewer);
  }
}

class Newcomer {
  constructor(
    readonly relay: FakeRelay,
    readonly outlet: QueueingOutlet,
    readonly viewer: Viewer,
  ) {}

  /** Position of the end of what its door was given. */
  get written(): number {
    return this.outlet.sent.at(-1)?.position ?? 0;
  }

  /** So much is left of what is queued, at most. A door says once nothing is. */
  leave(left: number): void {
    this.outlet.queue = Math.min(this.outlet.queue, left);
    if (this.outlet.queue === 0) this.viewer.drained();
  }

  /** All that is queued leaves. */
  drain(): void {
    this.outlet.queue = 0;
    this.viewer.drained();
  }

  /** All that is queued leaves and arrives. */
  receive(): void {
    const position = this.written;
    const epoch = this.relay.epoch;
    this.drain();
    this.viewer.received({ epoch, position });
  }

  /** What its door was given was in order and without a gap, from `from` up to `to`. */
  expectAll(from: number, to: number): void {
    let at = from;
    for (const message of this.outlet.sent) {
      expect(message.from).toBe(at);
      at = message.position;
    }
    expect(at).toBe(to);
  }

  news(): string[] {
    return this.outlet.news().filter((line) => line !== 'clock' && !line.startsWith('mark'));
  }
}

describe('a newcomer', () => {
  it.each([true, false])('that doesn’t read is written one piece of the GOP, and what comes is not added to it (receipts: %s)', (receipts) => {
    const gop = new Gop();
    const newcomer = gop.watch({ receipts });
    expect(newcomer.written).toBe(PIECE);
    for (let count = 0; count < 50; count++) gop.chunk(delta);
    expect(newcomer.written).toBe(PIECE);
    expect(newcomer.outlet.peak).toBe(PIECE + INIT_SIZE);
    expect(newcomer.viewer.state).toBe('open');
  });

  it('whose system takes everything is written all of it in the same turn', () => {
    const newcomer = new Gop().watch({ prompt: true });
    newcomer.expectAll(0, 400);
  });

  it('is written the next piece as soon as the one before has left, then what came meanwhile, then what comes', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    newcomer.drain();
    expect(newcomer.written).toBe(200);
    gop.chunk(delta);
    gop.chunk(delta);
    for (let count = 0; count < 3; count++) newcomer.drain();
    newcomer.expectAll(0, 420);
    gop.chunk(delta);
    newcomer.expectAll(0, 430);
  });

  it('is written the next piece with the next chunk, too, once less than a piece is queued', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    newcomer.outlet.queue = PIECE - 1;
    gop.chunk(delta);
    expect(newcomer.written).toBe(200);
    expect(newcomer.outlet.peak).toBeLessThan(2 * PIECE);
  });

  it('is written a chunk that is larger than a piece by itself', () => {
    const gop = new Gop();
    gop.chunk(key, 1_000);
    gop.chunk(delta);
    const newcomer = gop.watch();
    expect(newcomer.outlet.sent.map(({ bytes }) => bytes.length)).toEqual([1_000]);
    newcomer.drain();
    newcomer.expectAll(400, 1_410);
  });

  it('that takes the GOP piece by piece is not late because all of it takes long', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    for (let count = 0; count < 3; count++) {
      gop.relay.clock.pass(1_500);
      gop.chunk(delta);
      newcomer.receive();
    }
    newcomer.drain();
    newcomer.expectAll(0, 430);
    expect([newcomer.viewer.state, newcomer.viewer.info.skips]).toEqual(['open', 0]);
  });

  it('is as late as the oldest piece that hasn’t arrived, and not as what isn’t written yet', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    gop.relay.clock.pass(1_000);
    newcomer.drain();
    expect(newcomer.viewer.info.lag).toBe(1);
    newcomer.viewer.received({ epoch: gop.relay.epoch, position: PIECE });
    expect(newcomer.viewer.info.lag).toBe(0);
    gop.relay.clock.pass(500);
    expect(newcomer.viewer.info.lag).toBe(0.5);
    newcomer.viewer.received({ epoch: gop.relay.epoch, position: 2 * PIECE });
    gop.relay.clock.pass(500);
    expect([newcomer.viewer.info.lag, newcomer.written]).toEqual([0, 2 * PIECE]);
  });

  it('that gets nothing of a piece for 2 s is asked whether it has it, and then goes on with the rest while there is nothing newer to begin with', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    newcomer.news();
    gop.relay.clock.pass(2_001);
    gop.chunk(delta);
    expect([newcomer.viewer.state, newcomer.news()]).toEqual(['shut', ['sync 100']]);
    newcomer.outlet.queue = 0;
    newcomer.viewer.synced(newcomer.outlet.syncId);
    expect([newcomer.viewer.state, newcomer.written, gop.link.keyframes]).toEqual(['open', 200, 1]);
    newcomer.expectAll(0, 200);
  });

  it('goes on at a newer join point, and is told so, if what isn’t written has become old', () => {
    const gop = new Gop();
    const newcomer = gop.watch({ receipts: false });
    gop.chunk(key);
    gop.chunk(delta);
    newcomer.news();
    gop.relay.clock.pass(2_001);
    newcomer.drain();
    expect(newcomer.news()).toEqual(['skip to 400', '400..410', '410..420']);
    expect([newcomer.viewer.info.skips, newcomer.viewer.info.skippedBytes, newcomer.viewer.info.sentBytes]).toEqual([1, 300, 120]);
  });

  it('goes on at the newest join point if what isn’t written is no longer retained', () => {
    const gop = new Gop({ windowBytes: 400 });
    const newcomer = gop.watch();
    gop.chunk(key, 390);
    newcomer.news();
    newcomer.drain();
    expect(newcomer.news()).toEqual(['skip to 400', '400..790']);
  });

  it('waits for a keyframe if nothing is retained that it could go on with', () => {
    const gop = new Gop({ windowBytes: 400 });
    const newcomer = gop.watch();
    gop.chunk(delta, 390);
    newcomer.news();
    newcomer.drain();
    expect([newcomer.viewer.state, newcomer.news(), gop.link.keyframes]).toEqual(['waiting', ['waiting keyframe'], 1]);
    gop.chunk(key);
    expect(newcomer.news()).toEqual(['skip to 790', '790..800']);
  });

  it('is written nothing more of an epoch that is over, but the next', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    gop.feed.init(initSegment());
    gop.chunk(key);
    newcomer.news();
    newcomer.drain();
    expect(newcomer.news()).toEqual(['0..10']);
  });

  it('is written the rest before the end of the stream', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    gop.feed.end();
    newcomer.expectAll(0, 400);
    expect(newcomer.news().at(-1)).toBe('end ended');
  });

  it('that has been written all of the GOP, and keeps up, is not closed though its queue never empties', () => {
    const gop = new Gop();
    const newcomer = gop.watch({ resume: { epoch: gop.relay.epoch, position: 300 } });
    for (let second = 0; second < 30; second++) {
      newcomer.viewer.received({ epoch: gop.relay.epoch, position: newcomer.written });
      gop.relay.clock.pass(1_000);
      newcomer.outlet.queue = 2 * PIECE;
      gop.chunk(delta);
    }
    expect([newcomer.viewer.state, newcomer.written]).toEqual(['open', 700]);
  });

  it('that reads nothing of its piece for 15 s is closed, whatever receipts it sends, even if nothing comes', () => {
    for (const receipts of [true, false]) {
      const newcomer = new Gop().watch({ receipts });
      for (let second = 0; second < 15; second++) {
        newcomer.viewer.received({ epoch: newcomer.outlet.begun[0]!.epoch, position: PIECE });
        expect(newcomer.viewer.state).toBe('open');
        newcomer.outlet.queue = PIECE;
        newcomer.relay.clock.pass(1_000);
      }
      expect([newcomer.viewer.state, newcomer.outlet.failure?.code]).toEqual(['closed', 'too-slow']);
    }
  });
});

describe('a viewer that goes on where it was', () => {
  it('is written what it missed piece by piece, too', () => {
    const gop = new Gop();
    const newcomer = gop.watch({ resume: { epoch: gop.relay.epoch, position: 50 } });
    expect([newcomer.written, newcomer.outlet.peak]).toEqual([150, PIECE]);
    for (let count = 0; count < 3; count++) newcomer.drain();
    newcomer.expectAll(50, 400);
  });
});

describe('a viewer that pauses', () => {
  it('is written nothing of the rest, and may pause for as long as it likes once it has read what waited', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    newcomer.viewer.pause();
    newcomer.drain();
    expect(newcomer.written).toBe(PIECE);
    gop.relay.clock.pass(600_000);
    expect(newcomer.viewer.state).toBe('paused');
  });

  it('and reads nothing of what waits for it is closed after 15 s', () => {
    const gop = new Gop();
    const newcomer = gop.watch();
    newcomer.viewer.pause();
    gop.relay.clock.pass(14_999);
    expect(newcomer.viewer.state).toBe('paused');
    gop.relay.clock.pass(1_001);
    expect([newcomer.viewer.state, newcomer.outlet.failure?.code]).toEqual(['closed', 'too-slow']);
  });
});

describe('every newcomer, however its queue empties', () => {
  it('is sent everything in order, and no more at a time than it may be', () => {
    const events = fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.record({ chunk: fc.constantFrom(key, delta, delta, audio), size: fc.integer({ min: 1, max: LARGEST }) }) },
        { weight: 2, arbitrary: fc.record({ left: fc.nat({ max: LARGEST }) }) },
        { weight: 2, arbitrary: fc.record({ arrived: fc.constant(true) }) },
      ),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(events, fc.boolean(), (steps, receipts) => {
        const gop = new Gop({ viewerQueue: 10_000, blindQueue: 10_000 });
        const newcomer = gop.watch({ receipts });
        let burst = true;
        for (const step of steps) {
          if ('chunk' in step) gop.chunk(step.chunk, step.size);
          if ('left' in step) newcomer.leave(step.left);
          if ('arrived' in step) newcomer.receive();
          const newest = gop.relay.registry.get('cam')!.epoch!.position;
          burst &&= newcomer.written < newest;
          if (burst) expect(newcomer.outlet.peak).toBeLessThanOrEqual(2 * PIECE + LARGEST + INIT_SIZE);
        }
        while (newcomer.outlet.queue > 0) newcomer.receive();
        newcomer.expectAll(0, gop.relay.registry.get('cam')!.epoch!.position);
        expect(newcomer.viewer.info.sentBytes).toBe(newcomer.written);
      }),
      { examples: [[[{ left: 0 }], false]] },
    );
  });
});
