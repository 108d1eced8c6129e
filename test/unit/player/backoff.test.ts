import { Backoff } from '../../../player/net/backoff';

describe('Backoff', () => {
  it('waits twice as long each time, up to 8 s', () => {
    const backoff = new Backoff(() => 1);
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
  });

  it('begins again after a success', () => {
    const backoff = new Backoff(() => 1);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });

  it('draws each wait from its upper half', () => {
    expect(new Backoff(() => 0).next()).toBe(125);
    const wait = new Backoff().next();
    expect(wait).toBeGreaterThanOrEqual(125);
    expect(wait).toBeLessThanOrEqual(250);
  });
});
