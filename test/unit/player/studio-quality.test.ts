import { CUSTOM, longerSide, PRESETS, qualityOf, within } from '../../../player/studio/quality';

const CUSTOM_QUALITY = { height: 480, frameRate: 24, bitrate: 1_000_000 };

describe('a quality', () => {
  it('is a preset, or what was set by hand', () => {
    expect(qualityOf('low', CUSTOM_QUALITY)).toMatchObject({ height: 360, bitrate: 800_000 });
    expect(qualityOf(CUSTOM, CUSTOM_QUALITY)).toBe(CUSTOM_QUALITY);
  });

  it('is the first preset where its name says nothing', () => {
    expect(qualityOf('from the future', CUSTOM_QUALITY)).toBe(PRESETS[0]);
  });

  it('stays within what may be set by hand', () => {
    expect(within({ height: 1e6, frameRate: 0, bitrate: 1 }, CUSTOM_QUALITY)).toEqual({ height: 2160, frameRate: 1, bitrate: 100_000 });
    expect(within({ bitrate: NaN }, CUSTOM_QUALITY)).toEqual(CUSTOM_QUALITY);
  });

  it('has a longer side that is even', () => {
    expect([240, 360, 720, 1080].map((height) => longerSide({ height }))).toEqual([426, 640, 1280, 1920]);
  });
});
