import { Backoff } from '../../../src/base/backoff';

describe('Backoff', () => {
  it('waits twice as long after each failure, up to 30 s', () => {
    const backoff = new Backoff(() => 1);
    expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('takes off up to a half by chance, so that not all come at once', () => {
    expect(new Backoff(() => 0).next()).toBe(500);
    expect(new Backoff(() => 0.5).next()).toBe(750);
  });

  it('begins anew after a reset', () => {
    const backoff = new Backoff(() => 1);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(1_000);
  });
});
