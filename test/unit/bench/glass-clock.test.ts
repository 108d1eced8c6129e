import { ageOf, barsOf, WIDTH } from '../../../bench/glass/clock.mjs';

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0, 123);

describe('the clock in the picture', () => {
  it('tells how long ago it was drawn', () => {
    expect(ageOf(barsOf(NOW), { now: NOW + 137.5, stride: 1 })).toBeCloseTo(137.5);
  });

  it('is read from pixels of four bytes, brighter or darker than they were drawn', () => {
    const pixels = new Uint8Array(WIDTH * 4);
    barsOf(NOW).forEach((luma, x) => pixels.fill(luma > 128 ? 190 : 70, x * 4, x * 4 + 4));
    expect(ageOf(pixels, { now: NOW + 20, stride: 4 })).toBe(20);
  });

  it('goes on where it begins again', () => {
    const before = Math.ceil(NOW / 2 ** 24) * 2 ** 24 - 10;
    expect(ageOf(barsOf(before), { now: before + 25, stride: 1 })).toBe(25);
  });

  it('may be a little ahead, as clocks that are rounded are', () => {
    expect(ageOf(barsOf(NOW), { now: NOW - 3, stride: 1 })).toBe(-3);
  });

  it('is not read where a bar is wrong, nor from an even picture', () => {
    for (let x = 10; x < WIDTH; x += 20) {
      const row = barsOf(NOW);
      row.fill((row[x] ?? 0) > 128 ? 16 : 235, x - 10, x + 10);
      expect(ageOf(row, { now: NOW, stride: 1 })).toBeUndefined();
    }
    for (const luma of [0, 16, 235, 255]) expect(ageOf(new Uint8Array(WIDTH).fill(luma), { now: NOW, stride: 1 })).toBeUndefined();
  });
});
