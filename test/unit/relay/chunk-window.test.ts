import fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Chunk } from '../../../src/media/chunk';
import { ChunkWindow } from '../../../src/relay/chunk-window';
import { type HeldChunk, placeChunk } from '../../../src/relay/media-message';
import { audio, delta, key, onlyAudio } from '../../support/fake-media';

/** A window that is filled chunk by chunk. */
class Filling {
  readonly window: ChunkWindow;
  #position = 0;

  constructor(bounds: { age?: number; bytes?: number } = {}) {
    this.window = new ChunkWindow({ age: bounds.age ?? 1_000, bytes: bounds.bytes ?? 1_000 });
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

describe('a chunk window', () => {
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
