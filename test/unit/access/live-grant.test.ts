import { LiveGrant } from '../../../src/access/live-grant';
import type { Grant } from '../../../src/access/grant';
import { SluiceError } from '../../../src/protocol/error-code';
import { FakeClock } from '../../support/fake-clock';

const DAY = 86_400_000;

function live(lasts?: number): { clock: FakeClock; ended: string[]; grant: LiveGrant; next: { lasts?: number; error?: SluiceError } } {
  const clock = new FakeClock();
  const ended: string[] = [];
  const next: { lasts?: number; error?: SluiceError } = {};
  const make = (time: number | undefined): Grant => ({ who: 'ana', ...(time !== undefined && { expiresAt: clock.wall() + time }) });
  const ask = (): Promise<Grant> => (next.error === undefined ? Promise.resolve(make(next.lasts)) : Promise.reject(next.error));
  return { clock, ended, next, grant: new LiveGrant({ grant: make(lasts), ask, clock, ended: ({ code }) => ended.push(code) }) };
}

describe('a grant in use', () => {
  it('ends once, when its time has come', () => {
    const { clock, ended } = live(1_000);
    clock.pass(999);
    expect(ended).toEqual([]);
    clock.pass(1);
    expect(ended).toEqual(['grant-expired']);
    clock.pass(DAY);
    expect(ended).toHaveLength(1);
  });

  it('that has ended already ends at once', () => {
    const { clock, ended } = live(-5);
    clock.pass(0);
    expect(ended).toEqual(['grant-expired']);
  });

  it('that has no end, or was released, never does', () => {
    const endless = live();
    endless.clock.pass(1_000 * DAY);
    expect(endless.ended).toEqual([]);
    const released = live(1_000);
    released.grant.release();
    released.clock.pass(2_000);
    expect([released.ended, released.clock.pending]).toEqual([[], 0]);
  });

  it('may last longer than a timer of Node runs', () => {
    const { clock, ended } = live(100 * DAY);
    clock.pass(100 * DAY - 1);
    expect(ended).toEqual([]);
    clock.pass(1);
    expect(ended).toEqual(['grant-expired']);
  });

  it('goes on by a new token', async () => {
    const { clock, ended, grant, next } = live(1_000);
    next.lasts = 5_000;
    await grant.renew('token');
    clock.pass(4_999);
    expect(ended).toEqual([]);
    clock.pass(1);
    expect(ended).toEqual(['grant-expired']);
  });

  it('is what it was when the new token isn’t enough', async () => {
    const { clock, ended, grant, next } = live(1_000);
    next.error = new SluiceError('not-allowed', 'No');
    await expect(grant.renew('token')).rejects.toThrow('No');
    clock.pass(1_000);
    expect(ended).toEqual(['grant-expired']);
  });
});
