import { formatBitrate, formatDuration } from '../../../player/words/format';

describe('formatBitrate', () => {
  it.each([
    [0, '0 kbit/s'],
    [849_600, '850 kbit/s'],
    [4_210_000, '4.2 Mbit/s'],
  ])('tells %d as %s', (bits, text) => {
    expect(formatBitrate(bits)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [-5, '0:00'],
    [7_900, '0:07'],
    [754_000, '12:34'],
    [3_723_000, '1:02:03'],
  ])('tells %d ms as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});
