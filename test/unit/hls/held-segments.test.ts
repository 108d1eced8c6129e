import { HeldSegments } from '../../../src/hls/held-segments';
import { Segment } from '../../../src/hls/segment';
import { mediaInit } from '../../support/hls-media';

const init = mediaInit(1, new Uint8Array(5_000));

/** A segment of one part, which counts how often it is asked how long it is. */
class CountedSegment extends Segment {
  static reads = 0;

  constructor(sequence: number, duration = 2, of = init) {
    const part = { number: sequence, duration, independent: true, pieces: [], size: 1_000, memory: 2_000 };
    super({ sequence, init: of, discontinuity: false, discontinuitySequence: 0, wall: 0 }, [part]);
  }

  override get duration(): number {
    CountedSegment.reads++;
    return super.duration;
  }
}

const UNBOUNDED = { duration: Infinity, bytes: Infinity, count: Infinity };

describe('segments that are retained', () => {
  it('are evicted at a cost that does not depend on how many there are', () => {
    const held = new HeldSegments();
    for (let sequence = 0; sequence < 1_000; sequence++) held.add(new CountedSegment(sequence));
    CountedSegment.reads = 0;
    for (let sequence = 1_000; sequence < 2_000; sequence++) {
      held.add(new CountedSegment(sequence));
      held.trim({ ...UNBOUNDED, duration: 2_000 });
    }
    expect(held.all.length).toBe(1_000);
    expect(CountedSegment.reads).toBeLessThan(1_000 * 5);
  });

  it('count an init segment once for all that need it, and until the last of them is evicted', () => {
    const held = new HeldSegments();
    const other = mediaInit(2, new Uint8Array(7_000));
    held.add(new CountedSegment(0));
    const { memory } = held;
    held.add(new CountedSegment(1));
    held.add(new CountedSegment(2, 2, other));
    expect(held.memory).toBe(memory + (memory - 5_000) + (memory - 5_000 + 7_000));
    held.trim({ ...UNBOUNDED, count: 2 });
    expect(held.memory).toBe(memory + (memory - 5_000 + 7_000));
    held.trim({ ...UNBOUNDED, count: 1 });
    expect(held.memory).toBe(memory - 5_000 + 7_000);
    held.trim({ ...UNBOUNDED, bytes: 0 });
    expect(held.memory).toBe(0);
  });
});
