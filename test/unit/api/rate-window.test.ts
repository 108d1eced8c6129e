import { RateWindow } from '../../../src/api/rate-window';
import { FakeClock } from '../../support/fake-clock';

const MINUTE = 60_000;

describe('the count of requests', () => {
  it('refuses what is over the limit, until the minute is over', async () => {
    const clock = new FakeClock();
    const window = new RateWindow(clock);
    const ask = (key = 'a'): ReturnType<RateWindow['increment']> => window.increment(key, MINUTE, 2);
    expect((await ask()).isBlocked).toBe(false);
    clock.pass(20_000);
    expect((await ask()).isBlocked).toBe(false);
    expect(await ask()).toEqual({ totalHits: 3, timeToExpire: 40, isBlocked: true, timeToBlockExpire: 40 });
    expect((await ask('b')).isBlocked).toBe(false);
    clock.pass(40_000);
    expect(await ask()).toMatchObject({ totalHits: 1, isBlocked: false });
    expect(clock.pending).toBe(0);
  });

  it('forgets the address that came first where there are too many', async () => {
    const window = new RateWindow(new FakeClock());
    for (let index = 0; index < 10_001; index++) await window.increment(`${index}`, MINUTE, 1);
    expect((await window.increment('1', MINUTE, 1)).isBlocked).toBe(true);
    expect((await window.increment('0', MINUTE, 1)).isBlocked).toBe(false);
  });
});
