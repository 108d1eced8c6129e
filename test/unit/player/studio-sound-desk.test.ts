import { loudness } from '../../../player/studio/sound-desk';

describe('loudness', () => {
  it.each([
    [0, 0],
    [0.0001, 0],
    [0.03162, 0.5],
    [1, 1],
  ])('makes of samples of %d a level of %d', (sample, level) => {
    expect(loudness(new Float32Array(64).fill(sample))).toBeCloseTo(level, 2);
  });
});
