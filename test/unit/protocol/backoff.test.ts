import { Backoff, RETRY } from '../../../src/protocol/backoff';

/** The next waits, until so much time has been waited in all, ms. */
function waitsOf(backoff: Backoff, time: number): number[] {
  const waits: number[] = [];
  for (let waited = 0; waited < time; waited += waits.at(-1)!) waits.push(backoff.next());
  return waits;
}

describe('Backoff of what waits on the relay', () => {
  it('waits twice as long each time, up to 1 s while the relay may be restarting', () => {
    const waits = waitsOf(new Backoff(() => 1), 15_000);
    expect(waits.slice(0, 3)).toEqual([250, 500, 1_000]);
    expect(new Set(waits.slice(2))).toEqual(new Set([1_000]));
  });

  it('tries at most 32 times while the relay may be restarting, and then more and more rarely, every 4 to 8 s at last', () => {
    const backoff = new Backoff(() => 0);
    const waits = waitsOf(backoff, 15_000);
    expect(waits.length).toBeLessThanOrEqual(32);
    expect(Array.from({ length: 5 }, () => backoff.next())).toEqual([1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  it('begins again after a success', () => {
    const backoff = new Backoff(() => 1);
    waitsOf(backoff, 60_000);
    expect(backoff.next()).toBe(8_000);
    backoff.reset();
    expect(waitsOf(backoff, 15_000).slice(0, 4)).toEqual([250, 500, 1_000, 1_000]);
  });

  it('draws each wait from its upper half', () => {
    expect(new Backoff(() => 0).next()).toBe(125);
    const wait = new Backoff().next();
    expect(wait).toBeGreaterThanOrEqual(125);
    expect(wait).toBeLessThanOrEqual(250);
  });
});

describe('Backoff of what the relay waits on', () => {
  it('waits twice as long after each failure, up to 30 s', () => {
    const backoff = new Backoff(() => 1, RETRY);
    expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it('takes off up to a half by chance, so that not all come at once', () => {
    expect(new Backoff(() => 0, RETRY).next()).toBe(500);
    expect(new Backoff(() => 0.5, RETRY).next()).toBe(750);
  });

  it('begins anew after a reset', () => {
    const backoff = new Backoff(() => 1, RETRY);
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(1_000);
  });
});
