import { Throttle } from '../../../bench/links/throttle.mjs';

describe('a throttle', () => {
  it('lets through what its rate allows since the last time', () => {
    const throttle = new Throttle({ rate: 1000, burst: 100, now: 0 });
    expect(throttle.take(500, 0)).toBe(0);
    expect(throttle.take(500, 20)).toBe(20);
    expect(throttle.take(500, 50)).toBe(30);
  });

  it('keeps what was not wanted, up to its burst', () => {
    const throttle = new Throttle({ rate: 1000, burst: 100, now: 0 });
    expect(throttle.take(10, 50)).toBe(10);
    expect(throttle.take(500, 50)).toBe(40);
    expect(throttle.take(500, 10_000)).toBe(100);
  });

  it('loses nothing to fractions: over a second it lets through its rate', () => {
    const throttle = new Throttle({ rate: 333, burst: 100, now: 0 });
    let passed = 0;
    for (let now = 20; now <= 1000; now += 20) passed += throttle.take(1000, now);
    expect(passed).toBe(333);
  });
});
