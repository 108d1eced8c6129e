import { initOf, partOf, segmentOf, type TimelineState } from '../../../src/hls/timeline-state';
import { frames, mediaInit, sound, TestPackager } from '../../support/hls-media';

describe('the packager', () => {
  it('makes parts of 200 ms, and a segment end before the first keyframe after 2 s', () => {
    const { lines, packager } = new TestPackager().add(...frames({ to: 4.2, gop: 30 }));
    expect(lines).toEqual(['0: 2.40 s, 1*..12']);
    expect(packager.state.open?.parts.map(({ duration }) => duration.toFixed(2))).toEqual(new Array(9).fill('0.20'));
    expect(packager.state.partTarget).toBe(0.2);
  });

  it('makes a segment end after 4 s where no keyframe comes, and says that the next does not begin with one', () => {
    const test = new TestPackager().add(...frames({ to: 9, gop: 1000 }));
    expect(test.lines).toEqual(['0: 4.00 s, 1*..20', '1: 4.00 s, 21..40']);
    expect(test.packager.state.segments.map(({ independent }) => independent)).toEqual([true, false]);
  });

  it('makes a segment that begins without a keyframe end at the next one, however short it is', () => {
    const test = new TestPackager().add(...frames({ to: 8, gop: 125 }));
    expect(test.lines).toEqual(['0: 4.00 s, 1*..20', '1: 1.00 s, 21..25']);
    expect(test.packager.state.open?.independent).toBe(true);
  });

  it('lets parts be as long as frames want, and no longer', () => {
    const test = new TestPackager().add(...frames({ to: 5, rate: 24, gop: 24 }));
    expect(test.packager.state.partTarget).toBe(0.209);
    expect(test.packager.state.segments[0]?.parts[0]?.duration).toBeCloseTo(5 / 24);
  });

  it('lets a part be a chunk where chunks are longer', () => {
    const test = new TestPackager().add(...frames({ to: 10, rate: 1, gop: 1 }));
    expect(test.lines).toEqual(['0: 2.00 s, 1*..2*', '1: 2.00 s, 3*..4*', '2: 2.00 s, 5*..6*', '3: 2.00 s, 7*..8*']);
    expect(test.packager.state.partTarget).toBe(1);
    expect(test.packager.state.targetDuration).toBe(4);
  });

  it('has parts that add up to their segment, whose bytes are theirs', () => {
    const { packager } = new TestPackager().add(...frames({ to: 13, rate: 30, gop: 45 }));
    for (const { parts, duration, size, pieces } of packager.state.segments) {
      expect(parts.reduce((sum, part) => sum + part.duration, 0)).toBeCloseTo(duration, 9);
      expect(parts.reduce((sum, part) => sum + part.size, 0)).toBe(size);
      expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(size);
    }
  });

  it('shares the bytes of chunks', () => {
    const all = frames({ to: 1 });
    const { packager } = new TestPackager().add(...all);
    expect(packager.state.open?.parts[0]?.pieces[0]).toBe(all[0]?.pieces[0]);
  });

  describe('where fragments have one track each', () => {
    const merged = new Uint8Array(7);

    /** A packager that merges the fragments of a part into 7 bytes, and counts how often. */
    function merging(complete = false): { test: TestPackager; merges: () => number } {
      const test = new TestPackager();
      let count = 0;
      test.packager.begin(mediaInit(2), () => {
        count++;
        return { pieces: [merged], written: 7 };
      });
      return { test: test.add(...frames({ to: 1 }).map((frame) => ({ ...frame, complete }))), merges: () => count };
    }

    it('merges those of each part when it is whole', () => {
      const { test, merges } = merging();
      expect(merges()).toBe(5);
      expect(test.packager.state.open?.parts.map(({ pieces, size }) => [...pieces, size])).toEqual(new Array(5).fill([merged, 7]));
    });

    it('counts what the merged payload keeps in memory', () => {
      const { test } = merging();
      expect(test.packager.state.open?.parts[0]?.memory).toBeGreaterThan(5 * 100 + 7);
    });

    it('leaves them as they are where each has all tracks', () => {
      const { test, merges } = merging(true);
      expect(merges()).toBe(0);
      expect(test.packager.state.open?.parts[0]?.size).toBe(500);
    });

    it('merges 100 parts at once and then 10 a second, and leaves the others as they are', () => {
      const { test, merges } = merging();
      test.add(...frames({ from: 1, to: 30 }));
      expect(merges()).toBe(100);
      test.now += 2_000;
      test.add(...frames({ from: 30, to: 40 }));
      expect(merges()).toBe(120);
    });
  });

  it('begins with a keyframe, without the sound before it', () => {
    const late = frames({ to: 3, gop: 25 }).slice(10);
    const { packager } = new TestPackager().add(sound(0.3), ...late);
    expect(packager.state.open?.parts[0]?.independent).toBe(true);
    expect(packager.state.open?.parts[0]?.size).toBe(500);
  });

  it('lets sound go with the part that is open, which goes on behind the end of a segment', () => {
    const test = new TestPackager().add(...frames({ to: 2 }), sound(1.99));
    const promised = test.packager.state.nextPart;
    test.add(...frames({ from: 2, to: 2.2 }));
    expect(test.lines).toEqual(['0: 2.00 s, 1*..10']);
    expect(test.packager.state.open?.parts[0]).toMatchObject({ number: promised, size: 510, independent: true });
  });

  it('begins a discontinuity with each epoch, and does not give what it promised of the one before', () => {
    const test = new TestPackager().add(...frames({ to: 2.12 }));
    const promised = test.packager.state.nextPart;
    test.packager.begin(mediaInit(2));
    test.add(...frames({ from: 100, to: 103 }));
    expect(test.lines).toEqual(['0: 2.00 s, 1*..10', '1: 0.12 s, 11*..11*', '! 2: 2.00 s, 13*..22']);
    expect([11, 12].map((number) => partOf(test.packager.state, number)?.number)).toEqual([promised, undefined]);
    expect(test.packager.state.segments.map(({ discontinuitySequence }) => discontinuitySequence)).toEqual([0, 0, 1]);
    expect(initOf(test.packager.state, 1)?.number).toBe(1);
  });

  it.each([
    ['on', 20],
    ['back', 0.5],
  ])('begins a discontinuity at the next keyframe where times leap %s', (_where, from) => {
    const test = new TestPackager().add(...frames({ to: 2.2 }), ...frames({ from, to: from + 2.6, gop: 50 }).slice(10), ...frames({ from: from + 2.6, to: from + 4.7 }));
    expect(test.lines.slice(0, 3)).toEqual(['0: 2.00 s, 1*..10', '1: 0.20 s, 11*..11*', expect.stringContaining('! 2: ')]);
  });

  it('counts a gap that is no leap as time of the part behind it', () => {
    const { packager } = new TestPackager().add(...frames({ to: 0.2 }), ...frames({ from: 0.7, to: 1.5 }));
    expect(packager.state.open?.parts.map(({ duration }) => duration.toFixed(2))).toEqual(['0.20', '0.54', '0.20', '0.20', '0.20']);
  });

  it('holds as much as limits say, and lists less', () => {
    const { packager } = new TestPackager().add(...frames({ to: 60, gop: 50 }));
    expect(packager.state.segments.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 14 }, (_, index) => 15 + index));
    expect(packager.state.listed.map(({ sequence }) => sequence)).toEqual([23, 24, 25, 26, 27, 28]);
    expect(segmentOf(packager.state, 14)).toBeUndefined();
    expect(segmentOf(packager.state, 15)?.sequence).toBe(15);
  });

  it('holds no more bytes than limits say, also where the times of a publisher stand still', () => {
    const still = frames({ to: 40 }).map((frame) => ({ ...frame, pieces: [new Uint8Array(10_000)], start: 0, end: 0 }));
    const { packager } = new TestPackager({ maxBytes: 100_000 }).add(...still);
    expect(packager.state.segments.reduce((sum, { size }) => sum + size, packager.state.open?.size ?? 0)).toBeLessThan(100_000);
    expect(packager.memory).toBeLessThanOrEqual(100_000);
  });

  it('retains no sound for a picture that has stopped, and begins a discontinuity where it comes back', () => {
    const test = new TestPackager().add(...frames({ to: 4.2 }));
    for (let packet = 0; packet < 5_000; packet++) {
      test.add(sound(4.2 + packet * 0.02, 1_000));
      expect(test.packager.memory).toBeLessThanOrEqual(1 << 20);
    }
    test.add(...frames({ from: 104, to: 106.2 }));
    expect(test.lines).toEqual(['0: 2.00 s, 1*..10', '1: 2.00 s, 11*..20', '2: 0.20 s, 21*..21*', expect.stringMatching(/^! 3: 2.00 s/)]);
    expect(test.packager.state.segments[3]?.size).toBe(50 * 100);
  });

  it('counts each init segment that what is retained needs', () => {
    const test = new TestPackager();
    for (let epoch = 2; epoch < 100; epoch++) {
      test.now += 1_000;
      test.packager.begin(mediaInit(epoch, new Uint8Array(100_000)));
      test.add(...frames({ to: 0.2 }));
      const inits = new Set([...test.packager.state.segments, test.packager.state.open!].map(({ init }) => init));
      expect(test.packager.memory).toBeGreaterThan([...inits].reduce((sum, { bytes }) => sum + bytes.length, 0));
      expect(test.packager.memory).toBeLessThanOrEqual(1 << 20);
    }
    expect(initOf(test.packager.state, 2)).toBeUndefined();
    expect(initOf(test.packager.state, 98)?.number).toBe(98);
  });

  it('lists and retains a segment a second at most, where times leap with every keyframe', () => {
    const test = new TestPackager({ maxBytes: 32 << 20 });
    for (let leap = 0; leap < 10_000; leap++) {
      test.now += 10;
      test.add(...frames({ from: leap % 2 === 0 ? 0 : 1_000, to: (leap % 2 === 0 ? 0 : 1_000) + 0.04 }));
    }
    expect(test.packager.state.sequence).toBeLessThanOrEqual(100 + 8);
    expect(test.packager.state.segments.length).toBeLessThanOrEqual(28);
    expect(test.packager.state.listed.length).toBe(12);
  });

  it('goes on at once where a publisher begins anew a few times in a row', () => {
    const test = new TestPackager();
    for (let epoch = 2; epoch <= 8; epoch++) {
      test.packager.begin(mediaInit(epoch));
      test.add(...frames({ to: 0.2 }));
    }
    expect(test.lines).toHaveLength(6);
  });

  it('counts the objects around pieces of a byte', () => {
    const tiny = frames({ to: 1_000 }).map((frame) => ({ ...frame, pieces: [new Uint8Array(1)], start: 0, end: 0 }));
    const { packager } = new TestPackager().add(...tiny);
    const pieces = [...packager.state.segments, packager.state.open!].reduce((sum, segment) => sum + segment.pieces.length, 0);
    expect(pieces * 256).toBeLessThan(packager.memory);
    expect(packager.memory).toBeLessThanOrEqual(1 << 20);
  });

  it('counts a chunk of years as a minute, and begins a discontinuity after it', () => {
    const [first, ...rest] = frames({ to: 2 });
    const long = { ...first!, start: 2, end: 1e10 };
    const test = new TestPackager().add(first!, ...rest, long, ...frames({ from: 1e10, to: 1e10 + 2.2 }));
    expect(test.lines).toEqual(['1: 60.00 s, 11*..11*', expect.stringMatching(/^! 2: 2.00 s/)]);
    expect(test.packager.state.targetDuration).toBe(60);
    expect(test.packager.state.partTarget).toBe(60);
  });

  it('finds each part that is held', () => {
    const { packager } = new TestPackager().add(...frames({ to: 60 }));
    const held = [...packager.state.segments, packager.state.open!].flatMap(({ parts }) => parts);
    for (const part of held) expect(partOf(packager.state, part.number)).toBe(part);
    expect(partOf(packager.state, held[0]!.number - 1)).toBeUndefined();
    expect(partOf(packager.state, held[held.length - 1]!.number + 1)).toBeUndefined();
  });

  it('wants a keyframe before it has one, and where a segment is 3 s long', () => {
    const test = new TestPackager();
    expect(test.packager.wantsKeyframe).toBe(true);
    test.add(...frames({ to: 2.9, gop: 1000 }));
    expect(test.packager.wantsKeyframe).toBe(false);
    test.add(...frames({ from: 2.9, to: 3.1, gop: 1000 }).map((frame) => ({ ...frame, joinable: false })));
    expect(test.packager.wantsKeyframe).toBe(true);
  });

  it('hands out states that stay as they are when media goes on', () => {
    const test = new TestPackager();
    const states: { state: TimelineState; seen: string }[] = [];
    const look = ({ segments, listed, open, nextPart, ended }: TimelineState): string => JSON.stringify([segments.length, listed.length, open?.parts.map(({ number }) => number), open?.size, nextPart, ended]);
    for (const frame of frames({ to: 40 })) {
      test.add(frame);
      const { state } = test.packager;
      if (state !== states.at(-1)?.state) states.push({ state, seen: look(state) });
    }
    test.packager.end();
    expect(states.length).toBeGreaterThan(190);
    expect(states.filter(({ state, seen }) => look(state) !== seen)).toEqual([]);
    expect(new Set(states.map(({ state }) => state.revision)).size).toBe(states.length);
  });

  it('ends once, with what has come', () => {
    const test = new TestPackager().add(...frames({ to: 0.52 }));
    test.packager.end();
    const { changes } = test;
    test.packager.end();
    test.add(...frames({ from: 0.5, to: 1 }));
    expect(test.lines).toEqual(['0: 0.52 s, 1*..3']);
    expect(test.changes).toBe(changes);
    expect(test.packager.state.nextPart).toBeUndefined();
  });

  it.each([
    ['for as long as it reaches further', 0.41, 0.03],
    ['in a part of a millisecond where it reaches no further', 0.38, 0.001],
  ])('ends with the sound that came after the last picture, %s', (_what, start, duration) => {
    const test = new TestPackager().add(...frames({ to: 0.4 }), sound(start));
    const promised = test.packager.state.nextPart!;
    test.packager.end();
    const [segment] = test.packager.state.segments;
    expect(segment?.parts.map(({ size }) => size)).toEqual([500, 500, 10]);
    expect(segment?.parts.at(-1)).toMatchObject({ number: 3, independent: false });
    expect(segment?.duration).toBeCloseTo(0.4 + duration);
    expect(partOf(test.packager.state, promised)?.number).toBe(3);
  });

  it('ends without the sound of a picture that has stopped long ago', () => {
    const test = new TestPackager().add(...frames({ to: 0.4 }), sound(0.41), sound(5));
    test.packager.end();
    expect(test.lines).toEqual(['0: 0.40 s, 1*..2']);
  });

  it('tells when media was captured by what came first, not by what came late', () => {
    const jittery = frames({ to: 7 }).map((frame, index) => ({ ...frame, wall: frame.wall + (index % 50) * 3 }));
    const { packager } = new TestPackager().add(...jittery);
    const walls = packager.state.segments.map(({ wall }) => wall);
    expect(walls.map((wall) => wall - walls[0]!)).toEqual([0, 2000, 4000]);
  });
});
