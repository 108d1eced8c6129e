import { Playhead } from '../../../player/video/playhead';
import { FakeVideo } from '../../support/fake-video';

/** A video that has these ranges of media, with so many seconds from one piece to the next, up to the live edge if that is known. */
function playhead({ ranges = [], pace = 0.03, liveEdge = NaN }: { ranges?: FakeVideo['ranges']; pace?: number; liveEdge?: number } = {}): { video: FakeVideo; playhead: Playhead } {
  const video = new FakeVideo();
  video.ranges = ranges;
  return { video, playhead: new Playhead(video.asVideo, { pace, liveEdge }) };
}

describe('Playhead', () => {
  it('goes where it is told, if there is media', () => {
    const { video, playhead: head } = playhead({ ranges: [[10, 20]] });
    head.goTo(15);
    expect(video.currentTime).toBeCloseTo(15, 2);
    expect(head.heading).toBe(video.currentTime);
  });

  it('goes to the media next behind a gap, a little into it', () => {
    const { video, playhead: head } = playhead({
      ranges: [
        [0, 5],
        [10, 20],
      ],
    });
    head.goTo(7);
    expect(video.currentTime).toBeCloseTo(10, 2);
    expect(video.currentTime).toBeGreaterThan(10);
  });

  it('goes where it is told where there is no media behind, to wait for it', () => {
    const { video, playhead: head } = playhead({ ranges: [[0, 5]] });
    head.goTo(7);
    expect(video.currentTime).toBeCloseTo(7, 2);
  });

  it('knows its own seeks from those of others, each once', () => {
    const { video, playhead: head } = playhead({ ranges: [[0, 20]] });
    head.goTo(15);
    expect(head.takeOwnSeek()).toBe(true);
    expect(head.takeOwnSeek()).toBe(false);
    head.goTo(16);
    video.currentTime = 3;
    expect(head.takeOwnSeek()).toBe(false);
  });

  it.each([
    ['of the media that it is in', 3, 0],
    ['behind the gap that it stands still before', 4.95, 10],
    ['behind the gap that it is in', 7, 10],
    ['of the last media, up to its end', 19.95, 10],
    ['nowhere beyond all media', 21, undefined],
    ['where it is, if that is hardly before it', 9.995, 9.995],
  ])('finds the beginning %s', (_, position, start) => {
    const ranges = [
      [0, 5],
      [10, 20],
    ] as const;
    expect(playhead({ ranges }).playhead.rangeStart(position)).toBe(start);
  });

  it('waits no longer before a gap than a frame lasts, where frames are long, but never more than a second', () => {
    const ranges = [
      [0, 5],
      [10, 20],
    ] as const;
    expect(playhead({ ranges, pace: 0.5 }).playhead.rangeStart(4.6)).toBe(10);
    expect(playhead({ ranges, pace: 0.5 }).playhead.rangeStart(4.4)).toBe(0);
    expect(playhead({ ranges, pace: 9 }).playhead.rangeStart(3.9)).toBe(0);
  });

  it('never takes media after the live edge for that which comes next', () => {
    const ranges = [
      [0, 5],
      [10, 20],
    ] as const;
    const { playhead: head } = playhead({ ranges, liveEdge: 5 });
    expect([4.95, 5, 7].map((position) => head.rangeStart(position))).toEqual([0, undefined, undefined]);
  });

  it('has a way out of a seek into media that was taken away, and needs none elsewhere', () => {
    const { video, playhead: head } = playhead({ ranges: [[10, 20]] });
    video.currentTime = 5;
    expect(head.wayOut).toBeUndefined();
    video.seeking = true;
    expect(head.wayOut).toBe(10);
    video.currentTime = 12;
    expect(head.wayOut).toBeUndefined();
  });

  it('keeps the pitch at rates that would be heard only, and touches nothing for a rate that it has', () => {
    const { video, playhead: head } = playhead();
    head.setRate(1.08);
    expect([video.playbackRate, video.preservesPitch]).toEqual([1.08, true]);
    head.setRate(1.0801);
    expect(video.playbackRate).toBe(1.08);
    head.setRate(0.99);
    expect([video.playbackRate, video.preservesPitch]).toEqual([0.99, false]);
  });
});
