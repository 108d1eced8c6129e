import { Starvation } from '../../../player/video/starvation';

describe('Starvation', () => {
  it('counts each time that the video runs out of media, once', () => {
    const starvation = new Starvation();
    expect([starvation.begin(0), starvation.begin(100)]).toEqual([true, false]);
    starvation.end();
    starvation.begin(200);
    expect(starvation.count).toBe(2);
  });

  it('is told to the person after half a second', () => {
    const starvation = new Starvation();
    expect(starvation.lasts(10_000)).toBe(false);
    starvation.begin(1_000);
    expect([starvation.lasts(1_500), starvation.lasts(1_501)]).toEqual([false, true]);
    starvation.end();
    expect(starvation.lasts(9_000)).toBe(false);
  });

  it('is over with the next media, which came late over a network that trembles', () => {
    const starvation = new Starvation();
    starvation.mediaCame(0, false);
    starvation.begin(200);
    expect(starvation.mediaCame(400, false)).toBe(true);
    expect(starvation.lasts(9_000)).toBe(false);
    expect(starvation.mediaCame(410, false)).toBe(false);
  });

  it('blames no network for a silence of three seconds', () => {
    const starvation = new Starvation();
    starvation.mediaCame(0, false);
    starvation.begin(200);
    expect(starvation.mediaCame(3_000, false)).toBe(false);
  });

  it('goes on while the video has no place yet, which media does not give it', () => {
    const starvation = new Starvation();
    starvation.mediaCame(0, false);
    starvation.begin(200);
    expect(starvation.mediaCame(400, true)).toBe(false);
    expect(starvation.lasts(9_000)).toBe(true);
  });
});
