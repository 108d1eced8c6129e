import { compare, Histogram, median, noiseOf, quantile, ratioOf, slopeOf, spreadOf } from '../../../bench/report/statistics.mjs';

describe('the statistics of measurements', () => {
  it('find the middle of an odd and of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('go between two values where the share falls there', () => {
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(quantile([3], 0.99)).toBe(3);
  });

  it('tell where the middle half lies, so that one bad round says nothing', () => {
    expect(spreadOf([3, 1, 2, 4, 90])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it('compare within a round, so that a round that was slow for both counts for neither', () => {
    expect(ratioOf([1, 10, 2], [2, 20, 4])).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
  });

  it('take as noise how far the same thing lies from itself, to either side', () => {
    expect(noiseOf({ median: 1, low: 0.9, high: 1.05 })).toBeCloseTo(0.1);
    expect(noiseOf({ median: 1, low: 0.98, high: 1.05 })).toBeCloseTo(0.05);
  });

  it('find how much something grows, whatever shakes it', () => {
    expect(slopeOf([{ x: 0, y: 5 }, { x: 1, y: 7 }, { x: 2, y: 9 }])).toBeCloseTo(2);
    expect(slopeOf([{ x: 0, y: 1 }, { x: 1, y: -1 }, { x: 2, y: -1 }, { x: 3, y: 1 }])).toBeCloseTo(0);
    expect(slopeOf([{ x: 0, y: 1 }])).toBeNaN();
  });

  it('call equal what lies within the noise', () => {
    const ratio = (of: number): { median: number; low: number; high: number } => ({ median: of, low: of, high: of });
    expect(compare(ratio(0.96), 0.05)).toBe('equal within noise');
    expect(compare(ratio(0.94), 0.05)).toBe('less');
    expect(compare(ratio(1.06), 0.05)).toBe('more');
  });
});

describe('a histogram', () => {
  it('tells the time within which a share lies, to a tenth of a millisecond', () => {
    const histogram = new Histogram();
    for (let ms = 1; ms <= 100; ms++) histogram.add(ms + 0.04);
    expect(histogram.count).toBe(100);
    expect(histogram.quantile(0.5)).toBeCloseTo(50);
    expect(histogram.quantile(0.99)).toBeCloseTo(99);
  });

  it('knows nothing of no time, and counts what is beyond its end as its end', () => {
    const histogram = new Histogram();
    expect(histogram.quantile(0.5)).toBeNaN();
    histogram.add(1e9);
    expect(histogram.quantile(0.5)).toBe(60_000);
  });
});
