import { LiveGrant } from '../../../src/access/live-grant';
import type { Grant } from '../../../src/access/grant';
import { FakeClock } from '../../support/fake-clock';

const DAY = 86_400_000;

function live(lasts?: number): { clock: FakeClock; ended: string[]; grant: LiveGrant; lasting: (time?: number) => Grant } {
  const clock = new FakeClock();
  const ended: string[] = [];
  const lasting = (time?: number): Grant => ({ who: 'ana', ...(time !== undefined && { expiresAt: clock.wall() + time }) });
  return { clock, ended, lasting, grant: new LiveGrant({ grant: lasting(lasts), clock, ended: ({ code }) => ended.push(code) }) };
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

  it('goes on by another one', () => {
    const { clock, ended, grant, lasting } = live(1_000);
    grant.renew(lasting(5_000));
    clock.pass(4_999);
    expect(ended).toEqual([]);
    clock.pass(1);
    expect(ended).toEqual(['grant-expired']);
  });
});
