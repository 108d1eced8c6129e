import { EdgeFollower } from '../../../player/video/edge-follower';
import type { FrameWatch } from '../../../player/video/frame-watch';
import type { Reception } from '../../../player/video/reception';
import { FakeMediaSource } from '../../support/fake-media-source';
import { FakeVideo } from '../../support/fake-video';
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

describe('beside a silence that lasts longer than the picture', () => {
  /** Seconds: the end of the picture. */
  const END = 10;
  let ends: (() => void)[];

  beforeEach(() => {
    ends = [callItself('chrome'), FakeMediaSource.install('audio/mp4; codecs="opus"')];
  });
  afterEach(() => {
    for (const end of ends) end();
  });

  /** A video at `position`, beside silence unless the stream has sound. */
  function playing(position: number, hasSound = false): { video: FakeVideo; follower: EdgeFollower; live: (edge: number) => void } {
    const video = new FakeVideo();
    video.currentTime = position;
    video.ranges = [[0, END]];
    const reception = {
      hasSound,
      pace: 0.03,
      liveEdge: END,
      view: (at: number, from: number | undefined) => ({ position: at, from, edge: reception.liveEdge, arrivals: undefined, now: performance.now() / 1000 }),
    };
    const options = { reception: reception as unknown as Reception, frames: { forget: () => undefined } as unknown as FrameWatch, outlet: { isOpen: false }, target: undefined };
    const follower = new EdgeFollower({ video: video.asVideo, ...options });
    follower.heedSound();
    const live = (edge: number): void => {
      reception.liveEdge = edge;
      video.ranges = [[0, edge]];
      follower.steer();
    };
    return { video, follower, live };
  }

  it('a video that goes on past the picture is told from one that plays, and from one whose picture is a little late', () => {
    const past = (position: number, hasSound?: boolean): boolean => playing(position, hasSound).follower.isPastPicture;
    expect([past(END - 0.02), past(END + 0.3), past(END + 0.5), past(END + 0.5, true)]).toEqual([false, false, true, false]);
    const { video, follower } = playing(END + 0.5);
    video.paused = true;
    expect(follower.isPastPicture).toBe(false);
  });

  it('a video that goes on past the picture shows nothing again while nothing comes, and goes to the live edge with what comes', () => {
    const { video, follower, live } = playing(END - 0.02);
    for (let position = END - 0.02; position < END + 3; position += 0.1) {
      video.currentTime = position;
      live(END);
      expect(video.currentTime).toBe(position);
    }
    live(END + 0.5);
    expect(follower.jumps).toBe(1);
    expect(video.currentTime).toBeGreaterThan(END);
    expect(video.currentTime).toBeLessThan(END + 0.5);
  });
});

describe('when the times of the stream jump back', () => {
  /** Seconds, at which the old media ends and the new media begins. */
  const END = 90;
  const BEGIN = 30;

  /** A video that plays at 89.9 s what is there from 60 s to 90 s. `live` sets up to where media has come, from 30 s on. */
  function playing(): { video: FakeVideo; follower: EdgeFollower; live: (edge: number, ranges: FakeVideo['ranges']) => void } {
    const video = new FakeVideo();
    video.currentTime = END - 0.1;
    video.ranges = [[60, END]];
    const reception = {
      hasSound: true,
      pace: 0.03,
      liveEdge: END,
      view: (position: number, from: number | undefined) => ({ position, from, edge: reception.liveEdge, arrivals: undefined, now: performance.now() / 1000 }),
    };
    const follower = new EdgeFollower({
      video: video.asVideo,
      reception: reception as unknown as Reception,
      frames: { forget: () => undefined } as unknown as FrameWatch,
      outlet: { isOpen: false },
      target: undefined,
    });
    const live = (edge: number, ranges: FakeVideo['ranges']): void => {
      reception.liveEdge = edge;
      video.ranges = ranges;
      follower.steer();
    };
    return { video, follower, live };
  }

  it('the video goes to the live edge once, whatever media is left of before', () => {
    const { video, follower, live } = playing();
    for (let edge = BEGIN + 0.03; edge < BEGIN + 10; edge += 0.03) {
      live(edge, [
        [BEGIN, edge],
        [60, END],
      ]);
      expect(video.currentTime).toBeGreaterThan(BEGIN - 0.01);
      expect(video.currentTime).toBeLessThan(edge);
      video.currentTime = Math.min(edge - 0.001, video.currentTime + 0.03);
    }
    expect(follower.jumps).toBe(1);
  });

  it('the video plays on until the browser has media of the live edge', () => {
    const { video, follower, live } = playing();
    for (let edge = BEGIN + 0.03; edge < BEGIN + 2; edge += 0.03) live(edge, [[60, END]]);
    expect([follower.jumps, video.currentTime]).toEqual([0, END - 0.1]);
    live(BEGIN + 2, [
      [BEGIN + 1, BEGIN + 2],
      [60, END],
    ]);
    expect(follower.jumps).toBe(1);
    expect(video.currentTime).toBeGreaterThan(BEGIN + 1);
    expect(video.currentTime).toBeLessThan(BEGIN + 2);
  });

  it('a video that runs dry at the live edge waits there, though older media lies ahead', () => {
    const { video, follower, live } = playing();
    const ranges = [
      [BEGIN, BEGIN + 5],
      [60, END],
    ] as const;
    live(BEGIN + 5, ranges);
    for (const behind of [0.05, 0.001, 0]) {
      video.currentTime = BEGIN + 5 - behind;
      live(BEGIN + 5, ranges);
    }
    expect([follower.jumps, video.currentTime]).toEqual([1, BEGIN + 5]);
  });
});
