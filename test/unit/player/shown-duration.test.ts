import { ShownDuration } from '../../../player/video/shown-duration';

/** What pictures at these times are told, seconds. */
function durations(times: readonly number[]): number[] {
  const shown = new ShownDuration();
  return times.map((time) => shown.of(time));
}

const steady = (from: number, count: number, apart: number): number[] => Array.from({ length: count }, (_, i) => from + i * apart);

describe('what a picture is told that it lasts', () => {
  it('is so short at a steady rate that it hides no picture of the ten that Firefox has', () => {
    for (const rate of [60, 30, 15, 5]) {
      const told = durations(steady(7, 100, 1 / rate));
      expect(Math.max(...told.slice(1))).toBeLessThan(6 / rate);
      // Media Source Extensions take what is farther behind than twice that for a gap.
      expect(Math.min(...told)).toBeGreaterThan(0.5 / rate);
    }
  });

  it('bridges waits as long as one of the last ten seconds, and no longer those from before', () => {
    const quick = steady(0, 30, 1 / 30);
    const told = durations([...quick, 2, ...steady(2 + 1 / 30, 400, 1 / 30)]);
    expect(told[31]).toBeCloseTo(2 - 29 / 30, 6);
    expect(told[31 + 290]).toBeCloseTo(2 - 29 / 30, 6);
    expect(told[31 + 310]).toBeCloseTo(5 / 30, 6);
  });

  it('begins anew where times do', () => {
    const shown = new ShownDuration();
    [0, 3, 6].forEach((time) => shown.of(time));
    shown.of(1);
    expect(shown.of(1.1)).toBeCloseTo(0.5, 6);
  });
});
