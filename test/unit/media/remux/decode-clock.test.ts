import fc from 'fast-check';
import { DecodeClock } from '../../../../src/media/remux/decode-clock';

function decodeTimes(depth: number, shown: readonly number[], restarts: readonly number[] = [0]): number[] {
  const clock = new DecodeClock({ depth, timescale: 1000, step: 33 });
  return shown.map((time, at) => clock.next(time, restarts.includes(at)));
}

describe('the decode clock', () => {
  it('takes the times of frames in order as they are', () => {
    expect(decodeTimes(0, [5, 45, 85])).toEqual([5, 45, 85]);
  });

  it('gives the times in their order, the reorder depth later, and begins before the first', () => {
    expect(decodeTimes(1, [100, 220, 140, 180, 340, 260, 300])).toEqual([67, 100, 140, 180, 220, 260, 300]);
    expect(decodeTimes(2, [200, 360, 280, 240, 320, 520])).toEqual([134, 167, 200, 240, 280, 320]);
  });

  it('takes what room there is before the first frame, or else a tick', () => {
    expect(decodeTimes(2, [20, 100, 60, 140])).toEqual([0, 10, 20, 60]);
    expect(decodeTimes(2, [0, 80, 40, 120, 160])).toEqual([0, 1, 2, 40, 80]);
  });

  it('leaps with a keyframe, so that nothing behind it is dropped', () => {
    expect(decodeTimes(1, [100, 140, 90_000, 90_040], [0, 2])).toEqual([67, 100, 89_967, 90_000]);
    expect(decodeTimes(1, [90_000, 90_040, 100, 140], [0, 2])).toEqual([89_967, 90_000, 67, 100]);
  });

  it('rises whatever comes, if time does not leap', () => {
    fc.assert(
      fc.property(fc.nat(16), fc.array(fc.nat(900), { minLength: 1, maxLength: 60 }), (depth, shown) => {
        const times = decodeTimes(depth, shown);
        for (const [at, time] of times.entries()) if (at > 0) expect(time).toBeGreaterThan(times[at - 1] ?? 0);
      }),
    );
  });

  it('decodes nothing after it is shown, and stays in order, if frames are reordered as they may be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.array(fc.nat(), { minLength: 1, maxLength: 40 }), (depth, choices) => {
        const shown = reordered(depth, choices);
        for (const [at, time] of decodeTimes(depth, shown).entries()) expect(time).toBeLessThanOrEqual(shown[at] ?? 0);
      }),
    );
  });
});

/** Times from 1,000 on in a decode order in which at most `depth` frames come before one that is shown earlier. */
function reordered(depth: number, choices: readonly number[]): number[] {
  const waiting = choices.map((_, at) => 1000 + at * 40);
  const shown: number[] = [];
  for (const choice of choices) {
    const overtaken = shown.filter((time) => time > (waiting[0] ?? 0)).length;
    const at = shown.length > 0 && overtaken < depth ? choice % Math.min(20, waiting.length) : 0;
    shown.push(...waiting.splice(at, 1));
  }
  return shown;
}
