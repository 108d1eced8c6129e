import fc from 'fast-check';
import { MediaError } from '../../../../src/media/media-error';
import { readPps, readSps, type Sps } from '../../../../src/media/codecs/h264';
import { BitWriter, pps, sps, type SpsFields } from '../../../support/h264';

const PLACE = { offset: 100, path: 'Segment/Cluster/SimpleBlock' };
const read = (fields: SpsFields): Sps => readSps(sps(fields), PLACE);

describe('a sequence parameter set', () => {
  it('tells profile, level, number and the picture that is left after cropping', () => {
    expect(read({ id: 3, profile: 100, constraints: 0x40, level: 31, columns: 120, rows: 68, crop: [0, 4] })).toMatchObject({
      id: 3, profile: 100, constraints: 0x40, level: 31, chromaFormat: 1, lumaDepth: 8, chromaDepth: 8, width: 1920, height: 1080,
    });
  });

  it.each<[string, SpsFields, number]>([
    ['what it states', { reorder: 2 }, 2],
    ['as much as is allowed', { reorder: 16 }, 16],
    ['nothing in Baseline', { profile: 66 }, 0],
    ['nothing where frames are shown as they come', { pictureOrder: 2 }, 0],
    ['nothing in an intra profile', { profile: 100, constraints: 0x10 }, 0],
    ['as many frames as its level lets a decoder keep', { level: 31, columns: 80, rows: 45 }, 5],
    ['16 frames where the level would let it keep more', { level: 40, columns: 10, rows: 8 }, 16],
  ])('reorders over %s', (_, fields, depth) => {
    expect(read(fields).reorderDepth).toBe(depth);
  });

  it.each<[string, SpsFields, number | undefined]>([
    ['as many as its level lets it keep, where nothing is stated', { level: 31, columns: 80, rows: 45 }, 5],
    ['as many though frames are shown as they come, for Chromium goes by what is stated alone', { level: 31, columns: 80, rows: 45, pictureOrder: 2 }, 5],
    ['as many in Baseline, too', { profile: 66, level: 30, columns: 40, rows: 30 }, 6],
    ['none in an intra profile', { profile: 100, constraints: 0x10 }, undefined],
    ['none where the depth is stated', { reorder: 2 }, undefined],
    ['none where it is stated that none are reordered', { reorder: 0 }, undefined],
  ])('lets a decoder hold back %s', (_, fields, frames) => {
    expect(read(fields).presumedReorder).toBe(frames);
  });

  it.each<[string, Uint8Array]>([
    ['frames reordered over 17 others', sps({ reorder: 17 })],
    ['a picture that is cropped away', sps({ crop: [80, 0] })],
    ['more macroblocks than any level has', sps({ columns: 5000 })],
    ['an Exp-Golomb number without end', Uint8Array.of(0x67, 77, 0, 30, 0, 0, 0, 0, 0, 0)],
    ['the number 32', Uint8Array.of(0x67, 77, 0, 30, ...new BitWriter().ue(32).bytes())],
    ['nothing', Uint8Array.of(0x67)],
  ])('is refused with %s', (_, unit) => {
    expect(() => readSps(unit, PLACE)).toThrow(MediaError);
    expect(() => readSps(unit, PLACE)).toThrow(/at byte 1\d\d, in Segment\/Cluster\/SimpleBlock/);
  });

  it('is read or refused with a code, whatever its bits', () => {
    fc.assert(
      fc.property(fc.constantFrom(66, 77, 100, 244, 118), fc.uint8Array({ maxLength: 80 }), (profile, bits) => {
        try {
          const { width, height, reorderDepth } = readSps(Uint8Array.of(0x67, profile, ...bits), PLACE);
          expect(width).toBeGreaterThan(0);
          expect(height).toBeGreaterThan(0);
          expect(reorderDepth).toBeLessThanOrEqual(16);
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed-media' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a picture parameter set', () => {
  it('tells its number and that of its SPS', () => {
    expect(readPps(pps(200, 31), PLACE)).toEqual({ id: 200, spsId: 31 });
  });

  it('is refused with numbers that are too large', () => {
    expect(() => readPps(pps(256), PLACE)).toThrow(MediaError);
    expect(() => readPps(pps(0, 32), PLACE)).toThrow(MediaError);
  });
});
