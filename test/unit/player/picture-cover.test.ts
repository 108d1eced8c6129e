import { FrameWatch } from '../../../player/video/frame-watch';
import { PictureCover } from '../../../player/video/picture-cover';

/** A cover over a picture, what it was told last, and the frames under it. */
function covered(): { cover: PictureCover; frames: FrameWatch; isCovered: () => boolean } {
  const frames = new FrameWatch();
  let stale = false;
  const cover = new PictureCover(frames, (now) => (stale = now));
  cover.cover();
  return { cover, frames, isCovered: () => stale };
}

describe('PictureCover', () => {
  let page: { hidden: boolean };

  beforeEach(() => {
    jest.useFakeTimers();
    page = { hidden: false };
    Object.assign(globalThis, { document: page });
  });

  afterEach(() => {
    Reflect.deleteProperty(globalThis, 'document');
    jest.useRealTimers();
  });

  it('stays until a frame is shown that is at most half a second old', () => {
    const { cover, frames, isCovered } = covered();
    cover.uncoverFrom(30);
    frames.frame(29.4);
    expect(isCovered()).toBe(true);
    frames.frame(29.5);
    expect(isCovered()).toBe(false);
  });

  it('stays no longer than a second', () => {
    const { cover, isCovered } = covered();
    cover.uncoverFrom(30);
    jest.advanceTimersByTime(999);
    expect(isCovered()).toBe(true);
    jest.advanceTimersByTime(1);
    expect(isCovered()).toBe(false);
  });

  it('stays if the page is hidden again by then', () => {
    const { cover, frames, isCovered } = covered();
    cover.uncoverFrom(30);
    page.hidden = true;
    frames.frame(30);
    jest.advanceTimersByTime(1_000);
    expect(isCovered()).toBe(true);
  });

  it('is not taken off by a return that lies before the last', () => {
    const { cover, frames, isCovered } = covered();
    cover.uncoverFrom(30);
    jest.advanceTimersByTime(600);
    cover.cover();
    cover.uncoverFrom(60);
    jest.advanceTimersByTime(600);
    frames.frame(30);
    expect(isCovered()).toBe(true);
    frames.frame(60);
    expect(isCovered()).toBe(false);
  });
});
