import { loweredBitrate, QUALITIES } from '../../../player/studio/recorder-quality';

it('halves the bitrate each time that the upload was too slow, down to a least one', () => {
  const [standard] = QUALITIES;
  expect([0, 1, 2, 3, 4, 9].map((times) => loweredBitrate(standard, times))).toEqual([2_500_000, 1_250_000, 625_000, 312_500, 200_000, 200_000]);
});
