import { BlockWatch } from '../../../player/video/block-watch';

const HOUR = 3_600_000;

describe('BlockWatch', () => {
  it('takes a page that is asked often for awake', () => {
    const watch = new BlockWatch(0);
    expect([100, 200, 600].map((now) => watch.notice(now))).toEqual([false, false, false]);
    expect(watch.isCatchingUp(600)).toBe(false);
  });

  it('notices once that nothing ran for more than 0.4 s', () => {
    const watch = new BlockWatch(0);
    expect([watch.notice(401), watch.notice(402)]).toEqual([true, false]);
  });

  it('leaves 0.2 s for what has piled up meanwhile', () => {
    const watch = new BlockWatch(0);
    watch.notice(2_000);
    expect([2_000, 2_199, 2_200].map((now) => watch.isCatchingUp(now))).toEqual([true, true, false]);
  });

  it('is as soon awake after an hour of sleep', () => {
    const watch = new BlockWatch(0);
    expect(watch.notice(HOUR)).toBe(true);
    expect(watch.isCatchingUp(HOUR + 200)).toBe(false);
    expect(watch.notice(HOUR + 100)).toBe(false);
  });
});
