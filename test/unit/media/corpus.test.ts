import { check, SMALL_LIMITS } from '../../../fuzz/check.mjs';
import { saved } from '../../../fuzz/corpus.mjs';
import { Random } from '../../../fuzz/random.mjs';
import { HEAD_ROOM } from '../../../src/media/chunk';
import { DEFAULT_MEDIA_LIMITS } from '../../../src/media/container-parser';
import { MediaError } from '../../../src/media/media-error';
import { MediaParser } from '../../../src/media/media-parser';

const media = { MediaParser, MediaError, HEAD_ROOM, DEFAULT_MEDIA_LIMITS };

describe('what fuzzing has found', () => {
  it.each(saved())('breaks no promise of the parsers: $name', ({ bytes }) => {
    for (const limits of [DEFAULT_MEDIA_LIMITS, SMALL_LIMITS]) {
      for (let seed = 0; seed < 10; seed++) {
        expect(() => check(media, bytes, { limits, random: new Random(seed) })).not.toThrow();
      }
    }
  });
});
