import { cameraBox, pictureSize } from '../../../player/studio/picture-layout';

const HD = { width: 1280, height: 720 };

describe('a camera over a screen', () => {
  it('lies in the corner that was chosen', () => {
    const at = (corner: Parameters<typeof cameraBox>[2]): number[] => {
      const { x, y } = cameraBox(HD, HD, corner);
      return [x, y];
    };
    expect(at('top-left')).toEqual([26, 26]);
    expect(at('top-right')).toEqual([947, 26]);
    expect(at('bottom-left')).toEqual([26, 521]);
    expect(at('bottom-right')).toEqual([947, 521]);
  });

  it('keeps its shape, and less than half of the height', () => {
    const { width, height } = cameraBox(HD, { width: 720, height: 1280 }, 'top-left');
    expect(height).toBeLessThanOrEqual(360);
    expect(width / height).toBeCloseTo(720 / 1280, 1);
  });

  it('makes an even picture, no larger than is of use', () => {
    expect(pictureSize({ width: 3840, height: 2160 })).toEqual({ width: 1920, height: 1080 });
    expect(pictureSize({ width: 801, height: 601 })).toEqual({ width: 802, height: 602 });
  });
});
