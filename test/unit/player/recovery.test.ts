import { Recovery } from '../../../player/video/recovery';

const MINUTE = 60_000;

/** Fails at each of these times, and is mended at once. */
function failAt(recovery: Recovery, ...times: readonly number[]): (string | undefined)[] {
  return times.map((now) => {
    const remedy = recovery.afterFailure(now);
    if (remedy === 'restart') recovery.restarted();
    return remedy;
  });
}

describe('Recovery', () => {
  it('begins anew after two failures, and gives up after the third within a minute', () => {
    expect(failAt(new Recovery(), 0, 20_000, 59_999)).toEqual(['restart', 'restart', 'give-up']);
  });

  it('knows a failure that comes within a minute of another', () => {
    const recovery = new Recovery();
    failAt(recovery, 0);
    expect(recovery.isRepeated).toBe(false);
    failAt(recovery, MINUTE);
    expect(recovery.isRepeated).toBe(false);
    failAt(recovery, MINUTE + 1);
    expect(recovery.isRepeated).toBe(true);
  });

  it('mends the next epoch once after it has given up, however soon that comes', () => {
    const recovery = new Recovery();
    failAt(recovery, 0, 1, 2);
    expect(recovery.afterFailure(3)).toBeUndefined();
    recovery.epochBegan();
    recovery.restarted();
    expect(failAt(recovery, 4, 5)).toEqual(['restart', 'give-up']);
  });

  it('forgives no failure as an epoch begins before it has given up', () => {
    const recovery = new Recovery();
    failAt(recovery, 0, 1);
    recovery.epochBegan();
    expect(failAt(recovery, 2)).toEqual(['give-up']);
  });

  it('forgets a failure after a minute', () => {
    expect(failAt(new Recovery(), 0, 20_000, MINUTE, MINUTE + 20_001)).toEqual(['restart', 'restart', 'restart', 'restart']);
  });

  it('takes what the video and its buffer tell of one failure for one', () => {
    const recovery = new Recovery();
    expect(recovery.afterFailure(0)).toBe('restart');
    expect(recovery.afterFailure(10)).toBeUndefined();
    recovery.restarted();
    expect(recovery.afterFailure(20)).toBe('restart');
  });

  it('seeks as the picture freezes, and begins anew if it does so again within a minute', () => {
    const recovery = new Recovery();
    expect([recovery.afterFreeze(0), recovery.afterFreeze(59_999)]).toEqual(['seek', 'restart']);
  });

  it('seeks again where a minute lies between two freezes, and after it has begun anew', () => {
    const recovery = new Recovery();
    expect([0, MINUTE, MINUTE + 1, MINUTE + 2].map((now) => recovery.afterFreeze(now))).toEqual(['seek', 'seek', 'restart', 'seek']);
  });

  it('takes no failure for a new one while it begins anew after a freeze', () => {
    const recovery = new Recovery();
    recovery.afterFreeze(0);
    recovery.afterFreeze(1_000);
    expect(recovery.afterFailure(1_001)).toBeUndefined();
    recovery.restarted();
    expect(recovery.afterFailure(1_002)).toBe('restart');
  });

  it('mends nothing once the player has given up', () => {
    const recovery = new Recovery();
    recovery.stop();
    expect(recovery.afterFailure(0)).toBeUndefined();
  });
});
