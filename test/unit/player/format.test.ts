import { formatBitrate, formatBytes, formatDuration, formatSeconds, plural } from '../../../player/words/format';

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

describe('formatBytes', () => {
  it.each([
    [0, '0 KB'],
    [850_000, '850 KB'],
    [4_210_000, '4.2 MB'],
    [12_340_000_000, '12.3 GB'],
  ])('tells %d as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('formatSeconds', () => {
  it.each([
    [undefined, '–'],
    [0.123, '0.12 s'],
    [3.44, '3.4 s'],
  ])('tells %s as %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});

describe('plural', () => {
  it.each([
    [0, '0 viewers'],
    [1, '1 viewer'],
    [2, '2 viewers'],
  ])('tells %d as %s', (count, text) => {
    expect(plural(count, 'viewer')).toBe(text);
  });
});
