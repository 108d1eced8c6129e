import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Chunk } from '../../../src/media/chunk';
import { type ChunkOverhead, ChunkWindow } from '../../../src/relay/chunk-window';
import { type HeldChunk, placeChunk } from '../../../src/relay/media-message';
import { audio, delta, key, onlyAudio } from '../../support/fake-media';

/** A window that is filled chunk by chunk. */
class Filling {
  readonly window: ChunkWindow;
  #position = 0;

  constructor(bounds: { age?: number; bytes?: number; overhead?: ChunkOverhead } = {}) {
    this.window = new ChunkWindow({ age: bounds.age ?? 1_000, bytes: bounds.bytes ?? 1_000, overhead: bounds.overhead ?? { perChunk: 0, perSpan: 0 } });
  }

  /** Adds chunks that came at `at`, ms. */
  add(at: number, ...chunks: readonly Chunk[]): HeldChunk[] {
    return chunks.map((chunk) => {
      const held = placeChunk(chunk, { from: this.#position, at });
      this.#position = held.position;
      this.window.push(held);
      return held;
    });
  }

  /** Where what a newcomer gets begins, chunk by chunk. */
  get join(): number[] {
    return this.window.fromJoinPoint().map(({ from }) => from);
  }
}

/** What a window is to retain, in the plainest way. */
class ModelWindow {
  chunks: HeldChunk[] = [];
  joinFrom: number | undefined;
  readonly #age: number;
  readonly #most: number;
  readonly #overhead: number;

  constructor({ age, bytes, overhead }: { age: number; bytes: number; overhead: number }) {
    this.#age = age;
    this.#most = bytes;
    this.#overhead = overhead;
  }

  get cost(): number {
    return this.chunks.reduce((sum, { bytes }) => sum + bytes.length + this.#overhead, 0);
  }

  push(held: HeldChunk): void {
    this.chunks.push(held);
    if (held.joinable) this.joinFrom = this.#joinOf(held);
    const isNeeded = ({ from, at }: HeldChunk): boolean => (this.joinFrom !== undefined && from >= this.joinFrom) || held.at - at <= this.#age;
    for (let oldest = this.chunks[0]; oldest && (!isNeeded(oldest) || this.cost > this.#most); oldest = this.chunks[0]) {
      if (oldest.from === this.joinFrom) this.joinFrom = undefined;
      this.chunks = this.chunks.slice(1);
    }
  }

  #joinOf(held: HeldChunk): number {
    const before = this.chunks.slice(0, -1).reverse();
    const end = before.findIndex(({ hasVideo, end: until }) => hasVideo || until <= held.chunk.start);
    return held.hasVideo ? [held, ...before.slice(0, end < 0 ? undefined : end)].at(-1)!.from : held.from;
  }
}

/** How many items methods of arrays have moved while `work` ran, at most. */
function movedBy(work: () => void): number {
  let moved = 0;
  const spies = (['splice', 'shift', 'unshift', 'slice', 'copyWithin'] as const).map((name) => {
    const original = Reflect.get(Array.prototype, name) as (...args: unknown[]) => unknown;
    return jest.spyOn(Array.prototype, name as 'slice').mockImplementation(function (this: unknown[], ...args: unknown[]) {
      moved += this.length;
      return original.apply(this, args) as unknown[];
    });
  });
  try {
    work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return moved;
}

describe('a chunk window', () => {
  it('moves nothing of what it retains when a chunk comes, however many it retains', () => {
    const filling = new Filling({ bytes: 20_000 });
    filling.add(0, ...Array.from({ length: 2_000 }, () => delta({ size: 10 })));
    const chunks = Array.from({ length: 1_000 }, () => delta({ size: 10 }));
    const moved = movedBy(() => chunks.forEach((chunk) => filling.add(0, chunk)));
    expect(filling.window.length).toBe(2_000);
    expect(moved).toBeLessThan(10_000);
  });

  it('counts what chunks cost besides their bytes', () => {
    const filling = new Filling({ bytes: 1_000, overhead: { perChunk: 80, perSpan: 10 } });
    filling.add(0, ...Array.from({ length: 50 }, () => delta({ size: 10 })));
    expect([filling.window.length, filling.window.bytes, filling.window.cost]).toEqual([10, 100, 1_000]);
  });

  it('gives a newcomer everything from the newest join point on', () => {
    const filling = new Filling();
    expect(filling.join).toEqual([]);
    filling.add(0, key(), delta(), key(), delta(), delta());
    expect(filling.join).toEqual([20, 30, 40]);
  });

  it('has no join point before the first keyframe', () => {
    const filling = new Filling();
    filling.add(0, delta(), audio());
    expect(filling.join).toEqual([]);
    expect(filling.window.length).toBe(2);
  });

  it('counts audio that reaches past the time of the join point to it', () => {
    const filling = new Filling();
    filling.add(0, key({ start: 0 }), audio({ start: 0.7, end: 1 }), audio({ start: 1, end: 1.1 }), audio({ start: 1.1, end: 1.2 }), key({ start: 1.05 }));
    expect(filling.join).toEqual([20, 30, 40]);
  });

  it('begins with the keyframe where other video lies between it and that audio', () => {
    const filling = new Filling();
    filling.add(0, key({ start: 0 }), audio({ start: 1, end: 1.2 }), delta({ start: 0.9 }), key({ start: 1 }));
    expect(filling.join).toEqual([30]);
  });

  it('lets a stream of audio alone be joined at its newest chunk', () => {
    const filling = new Filling();
    filling.add(0, onlyAudio({ start: 0 }), onlyAudio({ start: 0.1 }), onlyAudio({ start: 0.15 }));
    expect(filling.join).toEqual([20]);
  });

  it('keeps what is younger than its age, and the newest GOP however old', () => {
    const filling = new Filling({ age: 1_000 });
    filling.add(0, key(), delta());
    filling.add(500, key(), delta());
    filling.add(1_500, delta());
    expect(filling.window.after(0)).toBeUndefined();
    expect(filling.join).toEqual([20, 30, 40]);
    filling.add(9_000, delta());
    expect(filling.join).toEqual([20, 30, 40, 50]);
    filling.add(9_000, key());
    expect(filling.window.after(50)).toHaveLength(2);
    expect(filling.window.length).toBe(2);
  });

  it('drops the oldest first where its bytes pass the bound, whatever their age', () => {
    const filling = new Filling({ bytes: 50 });
    filling.add(0, key(), delta(), key(), delta(), delta(), delta());
    expect(filling.window.bytes).toBe(50);
    expect(filling.window.after(0)).toBeUndefined();
    expect(filling.join).toEqual([20, 30, 40, 50]);
  });

  it('has no join point once the head of a GOP that is too large is dropped, until the next', () => {
    const filling = new Filling({ bytes: 30 });
    filling.add(0, key(), delta(), delta());
    expect(filling.join).toEqual([0, 10, 20]);
    filling.add(0, delta());
    expect(filling.join).toEqual([]);
    expect(filling.window.length).toBe(3);
    filling.add(0, key());
    expect(filling.join).toEqual([40]);
  });

  it('holds nothing of a chunk that is larger than all it may hold', () => {
    const filling = new Filling({ bytes: 30 });
    filling.add(0, key({ size: 31 }));
    expect([filling.window.length, filling.window.bytes, filling.window.newest]).toEqual([0, 0, undefined]);
    expect(filling.window.after(31)).toBeUndefined();
    filling.add(0, key());
    expect(filling.join).toEqual([31]);
  });

  it('gives what came behind a position, if that is a boundary between chunks that it holds', () => {
    const filling = new Filling({ bytes: 40 });
    const held = filling.add(0, key(), delta(), key(), delta(), delta());
    expect(filling.window.after(30)).toEqual(held.slice(3));
    expect(filling.window.after(50)).toEqual([]);
    for (const position of [0, 35, 51, 2 ** 60, -10, NaN]) expect(filling.window.after(position)).toBeUndefined();
  });

  it('gives no more of that than is asked for, but one chunk', () => {
    const filling = new Filling();
    const held = filling.add(0, key(), delta(), key({ size: 50 }), delta());
    expect(filling.window.after(0, 20)).toEqual(held.slice(0, 2));
    expect(filling.window.after(0, 69)).toEqual(held.slice(0, 2));
    expect(filling.window.after(20, 49)).toEqual(held.slice(2, 3));
    expect(filling.window.after(20, 1_000)).toEqual(held.slice(2));
    expect(filling.window.after(80, 0)).toEqual([]);
  });

  it('keeps no reference to a chunk that it has dropped', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const filling = new Filling({ bytes: 10 });
    const dropped = new WeakRef(filling.add(0, key())[0]!);
    filling.add(0, key());
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(filling.window.length).toBe(1);
    expect(dropped.deref()).toBeUndefined();
  });

  it('is what its plainest model is, after each chunk', () => {
    const shape = fc.record({ size: fc.integer({ min: 1, max: 30 }), wait: fc.integer({ min: 0, max: 400 }), lead: fc.integer({ min: -3, max: 3 }), make: fc.constantFrom(key, delta, delta, audio, audio, onlyAudio) });
    fc.assert(
      fc.property(fc.array(shape, { maxLength: 200 }), fc.integer({ min: 0, max: 20 }), (shapes, overhead) => {
        const bounds = { age: 1_000, bytes: 200 };
        const filling = new Filling({ ...bounds, overhead: { perChunk: overhead, perSpan: 0 } });
        const model = new ModelWindow({ ...bounds, overhead });
        let at = 0;
        shapes.forEach(({ size, wait, lead, make }, index) => {
          at += wait;
          model.push(filling.add(at, make({ size, start: (index + lead) / 10 }))[0]!);
          const { window } = filling;
          const { chunks, joinFrom, cost } = model;
          expect([window.length, window.cost, window.joinFrom, window.newest]).toEqual([chunks.length, cost, joinFrom, chunks.at(-1)]);
          expect(window.all).toEqual(chunks);
          expect([...window.keyframes()]).toEqual(chunks.filter(({ joinable, hasVideo }) => joinable && hasVideo).reverse());
          expect(window.fromJoinPoint()).toEqual(joinFrom === undefined ? [] : chunks.filter(({ from }) => from >= joinFrom));
          for (const { from, position } of chunks) {
            expect(window.after(from)).toEqual(chunks.filter((held) => held.from >= from));
            expect(window.behind(position - 1)?.position).toBe(position);
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  it('stays within its bounds and in order, whatever comes', () => {
    const shape = fc.record({ size: fc.integer({ min: 1, max: 30 }), wait: fc.integer({ min: 0, max: 400 }), lead: fc.integer({ min: -3, max: 3 }), make: fc.constantFrom(key, delta, delta, audio, audio) });
    fc.assert(
      fc.property(fc.array(shape, { maxLength: 200 }), (shapes) => {
        const filling = new Filling({ age: 1_000, bytes: 100 });
        let at = 0;
        let newestKey: HeldChunk | undefined;
        let joinFrom: number | undefined;
        shapes.forEach(({ size, wait, lead, make }, index) => {
          at += wait;
          const [held] = filling.add(at, make({ size, start: (index + lead) / 10 }));
          const { window } = filling;
          const all = window.after(held!.position - window.bytes) ?? [];
          expect(window.bytes).toBeLessThanOrEqual(100);
          expect(all).toHaveLength(window.length);
          expect(all.every(({ from }, i) => i === 0 || from === all[i - 1]!.position)).toBe(true);

          const join = window.fromJoinPoint();
          if (held!.chunk.joinable) [newestKey, joinFrom] = [held, join[0]?.from];
          // The newest GOP is there as long as it is within the bound, and then never again.
          if (joinFrom !== undefined && held!.position - joinFrom > 100) joinFrom = undefined;
          expect(join[0]?.from).toBe(joinFrom);
          if (joinFrom === undefined) return;
          const head = join.slice(0, join.indexOf(newestKey!));
          expect(join).toContain(newestKey);
          expect(head.every(({ chunk }) => !chunk.hasVideo && chunk.end > newestKey!.chunk.start)).toBe(true);
          expect(join.at(-1)).toBe(held);
        });
      }),
    );
  });
});
