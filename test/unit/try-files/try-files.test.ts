import { compareCopied, compareOffsets } from '../../../try-files/compare-copied.mjs';
import { compareEncodedPictures, compareEncodedSound } from '../../../try-files/compare-encoded.mjs';
import { fileRow } from '../../../try-files/file-row.mjs';
import { readFrames } from '../../../try-files/frame-list.mjs';
import { judgeRefusal } from '../../../try-files/judge.mjs';
import { describe as describeFile } from '../../../try-files/media-file.mjs';
import { recipes } from '../../../try-files/recipes.mjs';

interface Frame {
  readonly time: number;
  readonly hash: string;
  readonly epoch: number;
}

const OPTIONS = { noun: 'packet', cut: false };

/** A frame for each letter, a tenth of a second each. */
function frames(hashes: string, { from = 0, epoch = 0 } = {}): Frame[] {
  return Array.from(hashes, (hash, at) => ({ hash, time: from + at / 10, epoch }));
}

describe('frames that were passed on', () => {
  it('are the same if all times are moved alike', () => {
    const { problems, shifts } = compareCopied(frames('abcdef'), frames('abcdef', { from: 1 }), OPTIONS);
    expect(problems).toEqual([]);
    expect(shifts).toEqual([{ epoch: 0, segment: 0, shift: expect.closeTo(1) as number }]);
  });

  it('may be alike', () => {
    expect(compareCopied(frames('aaabaaac'), frames('aaabaaac'), OPTIONS).problems).toEqual([]);
  });

  it.each([
    ['missing in between', 'abcfgh', '2 packets are missing in between'],
    ['missing at the end', 'abcdef', 'the last 2 of 8 packets are missing'],
    ['others than those that were sent', 'abcdeXgh', '1 of 8 packets that came out were never sent'],
    ['in another order', 'abdcefgh', '1 of 8 packets that came out were never sent'],
  ])('are reported if they are %s', (_what, received, problem) => {
    expect(compareCopied(frames('abcdefgh'), frames(received), OPTIONS).problems).toContain(problem);
  });

  it('may be missing at the end if that was cut off', () => {
    expect(compareCopied(frames('abcdefgh'), frames('abcdef'), { ...OPTIONS, cut: true }).problems).toEqual([]);
  });

  it('are counted if they are missing at the beginning', () => {
    expect(compareCopied(frames('abcdefgh'), frames('cdefgh', { from: 0.2 }), OPTIONS)).toMatchObject({ problems: [], lostBefore: 2 });
  });

  it('are reported if one is shown at another time', () => {
    const received = frames('abcdef').map((frame) => (frame.hash === 'c' ? { ...frame, time: frame.time + 0.02 } : frame));
    expect(compareCopied(frames('abcdef'), received, OPTIONS).problems).toEqual(['the times of packets are moved by 0 ms to 20 ms']);
  });

  it('may be moved otherwise in each epoch, and in each piece of a timeline that jumps', () => {
    const sent = [...frames('abc'), ...frames('def', { from: 100 })];
    const received = [...frames('abc', { from: 1 }), ...frames('def', { from: 7, epoch: 1 })];
    expect(compareCopied(sent, received, OPTIONS)).toMatchObject({ problems: [], shifts: [{ epoch: 0 }, { epoch: 1, segment: 1 }] });
  });

  it('may come before those that an edit list shows', () => {
    expect(compareCopied(frames('cdef'), frames('abcdef'), { ...OPTIONS, preroll: 2 })).toMatchObject({ problems: [], notes: ['with 2 packets before its edit list begins'] });
    expect(compareCopied(frames('cdef'), frames('abcdef'), { ...OPTIONS, preroll: 1 }).problems).toHaveLength(1);
  });

  it('are out of step if picture and sound are moved otherwise', () => {
    const shift = (by: number): { epoch: number; segment: number; shift: number }[] => [{ epoch: 0, segment: 0, shift: by }];
    expect(compareOffsets(shift(1), shift(1.004), 0.006)).toEqual([]);
    expect(compareOffsets(shift(1), shift(1.021), 0.006)).toEqual(['the sound is 21 ms later beside the picture']);
    expect(compareOffsets(shift(1), [], 0.006)).toEqual([]);
  });
});

describe('pictures that were encoded', () => {
  /** Each differs from the ones around it. */
  const pictures = (count: number, { from = 0, noise = 0, step = 0.04 } = {}) =>
    Array.from({ length: count }, (_none, at) => ({ time: from + at * step, epoch: 0, pixels: Uint8Array.from({ length: 64 }, (_pixel, place) => ((place * 37 + at * 53) % 200) + noise) }));

  it('are well if they show about the same at the same distances', () => {
    expect(compareEncodedPictures(pictures(50), pictures(50, { from: 1, noise: 4 }), { cut: false })).toMatchObject({ problems: [], shifts: [{ shift: expect.closeTo(1) as number }] });
  });

  it('may be repeated for a constant rate', () => {
    const twice = pictures(50).flatMap((picture) => [picture, { ...picture, time: picture.time + 0.02 }]);
    expect(compareEncodedPictures(pictures(50), twice, { cut: false })).toMatchObject({ problems: [], notes: ['50 pictures are repeated for a constant rate'] });
  });

  it.each([
    ['many are missing', pictures(50).slice(0, 30), '30 pictures came out of 50'],
    ['they show something else', pictures(50, { noise: 40 }), "50 of 50 pictures don't show what was sent"],
    ['they come faster', pictures(50, { step: 0.02 }), 'pictures'],
  ])('are reported if %s', (_what, received, problem) => {
    expect(compareEncodedPictures(pictures(50), received, { cut: false }).problems.join()).toContain(problem);
  });
});

describe('sound that was encoded', () => {
  /** Beeps at uneven times, `late` seconds late. */
  const beeps = (late = 0, loud = 8_000) => {
    const samples = Int16Array.from({ length: 24_000 }, (_none, at) => {
      const time = at / 8_000 - late;
      return time > 0 && (time * time) % 0.5 > 0.25 ? loud * Math.sin(2 * Math.PI * 440 * time) : 0;
    });
    return [{ time: 0, epoch: 0, samples }];
  };

  it('is found again where it lies', () => {
    const [shift] = compareEncodedSound(beeps(), beeps(0.1, 5_000), { cut: false, video: [{ epoch: 0, segment: 0, shift: 0 }] }).shifts;
    expect(shift?.shift).toBeCloseTo(0.1, 2);
  });

  it('is reported if it is shorter or silent', () => {
    const half = beeps().map((piece) => ({ ...piece, samples: piece.samples.slice(0, 12_000) }));
    expect(compareEncodedSound(beeps(), half, { cut: false, video: [] }).problems).toEqual(['1.50 s of sound came out of 3.00 s']);
    expect(compareEncodedSound(beeps(), beeps(0, 0), { cut: false, video: [] }).problems).toEqual(['the sound is silent']);
  });
});

describe('a refusal', () => {
  it('is well if it has a code', () => {
    expect(judgeRefusal('bytes', { code: 'not-fragmented', message: 'm' }).verdict).toBe('refused');
  });

  it('is wrong without one, and if it calls malformed what ffmpeg has written', () => {
    expect(judgeRefusal('bytes', { code: 'none', message: '' }).verdict).toBe('WRONG');
    expect(judgeRefusal('copy', { code: 'malformed-media', message: 'm' }).verdict).toBe('WRONG');
    expect(judgeRefusal('bytes', { code: 'malformed-media', message: 'm' }).verdict).toBe('refused');
  });
});

describe('what ffmpeg prints', () => {
  it('gives the frames of a track', () => {
    const text = '#tb 0: 1/1000\n#stream#, dts, pts, duration, size, hash\n0,  -21,  -21, 21, 258, 3defc2, S=1,  10, b49a14\n0,  0,  41, 21, 9, d5cb61\n0, 41, 62, 21, 0, 000000\n';
    expect(readFrames(text, 3)).toEqual([{ time: -0.021, hash: '3defc2', epoch: 3 }, { time: 0.041, hash: 'd5cb61', epoch: 3 }]);
  });

  it('gives the tracks of a file, with covers and rotation', () => {
    const printed = [
      '  Duration: 00:01:02.50, start: 0.000000',
      '  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p, 320x180, 24 fps (default)',
      '      displaymatrix: rotation of -90.00 degrees',
      '  Stream #0:1: Audio: aac (LC), 48000 Hz, mono, fltp',
      '  Stream #0:2: Video: mjpeg (Baseline), yuvj420p(pc), 64x64 (attached pic)',
      '  Stream #0:3: Subtitle: subrip',
    ].join('\n');
    expect(describeFile(printed)).toMatchObject({
      duration: 62.5,
      others: ['subtitle'],
      tracks: [
        { index: 0, kind: 'video', codec: 'h264', words: 'h264 High yuv420p 320x180', rotation: -90, isDefault: true, isStill: false },
        { index: 1, kind: 'audio', words: 'aac LC 48000 Hz', rotation: 0 },
        { index: 2, isStill: true },
      ],
    });
  });
});

describe('the table', () => {
  it('joins doors with the same outcome, and keeps strange names in their cell', () => {
    const same = { verdict: 'same' as const, why: 'picture same', out: 'video/mp4 avc1' };
    const row = fileRow('a|b\nc.mp4', { tracks: [], others: [], duration: 1 }, [{ ...same, door: 'push' }, { ...same, door: 'source' }]);
    expect(row).toBe('| a\\|b c.mp4 | nothing | push, source: video/mp4 avc1 → same (picture same) |');
  });
});

describe('the files that are made', () => {
  it('have names of their own, and are made of files that are made too', () => {
    const names = recipes().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const ingredients = recipes().flatMap(({ args }) => args.flatMap((arg) => /^\{(.+)\}$/.exec(arg)?.[1] ?? []));
    const texts = ['cover.jpg', 'subtitles.srt', 'chapters.txt'];
    expect(ingredients.filter((name) => !names.includes(name) && !texts.includes(name))).toEqual([]);
  });
});
