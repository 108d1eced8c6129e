import { FrameWatch } from '../../../player/video/frame-watch';

const PACE = 1 / 30;

describe('FrameWatch', () => {
  it('finds a picture that stands for two seconds of what is played', () => {
    const watch = new FrameWatch();
    expect(watch.isFrozen({ position: 10, decoded: 100, pace: PACE })).toBe(false);
    expect(watch.isFrozen({ position: 12, decoded: 100, pace: PACE })).toBe(false);
    expect(watch.isFrozen({ position: 12.2, decoded: 100, pace: PACE })).toBe(true);
  });

  it('is content with a frame that was decoded or shown', () => {
    const watch = new FrameWatch();
    watch.isFrozen({ position: 10, decoded: 100, pace: PACE });
    expect(watch.isFrozen({ position: 13, decoded: 101, pace: PACE })).toBe(false);
    watch.frame(13);
    expect(watch.isFrozen({ position: 16, decoded: 101, pace: PACE })).toBe(false);
  });

  it('has patience with pictures that are seldom', () => {
    const watch = new FrameWatch();
    watch.isFrozen({ position: 10, decoded: 100, pace: 10 });
    expect(watch.isFrozen({ position: 25, decoded: 100, pace: 10 })).toBe(false);
  });

  it('begins anew after a jump, and when it is told to', () => {
    const watch = new FrameWatch();
    watch.isFrozen({ position: 10, decoded: 100, pace: PACE });
    expect(watch.isFrozen({ position: 2, decoded: 100, pace: PACE })).toBe(false);
    watch.forget();
    expect(watch.isFrozen({ position: 20, decoded: 100, pace: PACE })).toBe(false);
  });

  it('waits for the first frame that is fresh', () => {
    const watch = new FrameWatch();
    const fresh = jest.fn();
    watch.onceFrom(30, fresh);
    watch.frame(10);
    expect(fresh).not.toHaveBeenCalled();
    watch.frame(30.1);
    watch.frame(30.2);
    expect(fresh).toHaveBeenCalledTimes(1);
  });
});
