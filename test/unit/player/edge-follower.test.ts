import { EdgeFollower } from '../../../player/video/edge-follower';
import type { FrameWatch } from '../../../player/video/frame-watch';
import type { Reception } from '../../../player/video/reception';
import { FakeMediaSource } from '../../support/fake-media-source';
import { callItself } from '../../support/user-agent';

/** A follower of a stream with or without sound, before any media. */
function joining(hasSound: boolean, target?: number, outlet = { isOpen: false }): EdgeFollower {
  const follower = new EdgeFollower({
    video: {} as unknown as HTMLVideoElement,
    reception: { hasSound } as unknown as Reception,
    frames: {} as unknown as FrameWatch,
    outlet,
    target,
  });
  follower.joinSoon();
  return follower;
}

describe('how much media is held at first', () => {
  it('is less where there is no sound to run dry, from the first stream on', () => {
    expect([joining(true).target, joining(false).target]).toEqual([0.13, 0.06]);
  });

  it('is less from the moment on that sound goes through Web Audio', () => {
    const outlet = { isOpen: false };
    const follower = joining(true, undefined, outlet);
    outlet.isOpen = true;
    follower.heedSound();
    expect(follower.target).toBe(0.05);
    expect(joining(true, undefined, outlet).target).toBe(0.05);
  });

  it('is next to nothing beside silence in Chromium', () => {
    const ends = [callItself('chrome'), FakeMediaSource.install('audio/mp4; codecs="opus"')];
    expect(joining(false).target).toBe(0.02);
    for (const end of ends) end();
  });

  it('is what was asked for, whatever there is', () => {
    expect([joining(true, 0.4).target, joining(false, 0.4).target]).toEqual([0.4, 0.4]);
  });
});
