import { MAX_SAMPLES } from '../../../../src/media/mp4/fragment-reader';
import { MAX_SECONDS } from '../../../../src/protocol/time-bounds';
import type { ParseResult } from '../../../support/container-parser-contract';
import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4, u32At } from '../../../support/mp4-parse';

const { AUDIO, VIDEO, NON_SYNC, SYNC, box, fullBox, u32 } = mp4;
const WRAP = 2 ** 32;

/** A fragment of one sample whose tfdt has the version given. */
function at(time: number, { id = VIDEO, version = 0, duration = 10 } = {}): Uint8Array {
  const build = (offset: number): Uint8Array =>
    box('moof', fullBox('mfhd', 0, 0, u32(1)), box('traf', mp4.tfhd(id), mp4.tfdt(time, version), fullBox('trun', 0, 0x301, u32(1), u32(offset), u32(duration), u32(1))));
  return new Uint8Array([...build(build(0).length + 8), ...box('mdat', mp4.hex('aa'))]);
}

/** A fragment of video with a run as given, and four bytes of data. */
function withRun(head: Uint8Array, run: (dataOffset: number) => Uint8Array, time = mp4.tfdt(0)): Uint8Array {
  const build = (offset: number): Uint8Array => box('moof', fullBox('mfhd', 0, 0, u32(1)), box('traf', head, time, run(offset)));
  return new Uint8Array([...build(build(0).length + 8), ...box('mdat', mp4.hex('aabbccdd'))]);
}

const parse = (...fragments: readonly Uint8Array[]): ParseResult => parseMp4([mp4.FTYP, mp4.AV_MOOV, ...fragments]);
const times = ({ chunks }: ParseResult): (number | undefined)[] => chunks.map(({ spans }) => spans[0]?.time);
/** Version and time of each chunk's tfdt. */
const written = ({ chunks }: ParseResult): number[][] =>
  chunks.map(({ bytes }) => findBoxes(bytes, 'moof/traf/tfdt')[0]!).map((tfdt) => [tfdt[8]!, tfdt[8] === 1 ? u32At(tfdt, 12) * WRAP + u32At(tfdt, 16) : u32At(tfdt, 12)]);

describe('a time of 32 bits', () => {
  it('is passed on as it came', () => {
    const result = parse(at(0), at(10));
    expect(times(result)).toEqual([0, 10]);
    expect(result.chunks.map(({ bytes }) => [...bytes])).toEqual([[...at(0)], [...at(10)]]);
  });

  it('goes on when it wraps, and is written with 64 bits from then on', () => {
    const result = parse(at(WRAP - 20), at(WRAP - 10), at(0), at(10), at(20));
    expect(result.error).toBeUndefined();
    expect(times(result)).toEqual([WRAP - 20, WRAP - 10, WRAP, WRAP + 10, WRAP + 20]);
    expect(result.chunks.every(({ spans }) => spans[0]?.duration === 10 && !spans[0].estimated)).toBe(true);
    expect(result.chunks[4]?.start).toBe((WRAP + 20) / 1000);
    expect(written(result)).toEqual([[0, WRAP - 20], [0, WRAP - 10], [1, WRAP], [1, WRAP + 10], [1, WRAP + 20]]);
  });

  it('wraps inside a sample, over a gap of up to ten seconds, and again and again', () => {
    expect(times(parse(at(WRAP - 5), at(5)))).toEqual([WRAP - 5, WRAP + 5]);
    expect(times(parse(at(WRAP - 10), at(10_000)))).toEqual([WRAP - 10, WRAP + 10_000]);
    expect(times(parse(at(WRAP - 10), at(10_001)))).toEqual([WRAP - 10, 10_001]);
    expect(times(parse(at(WRAP - 10), at(0), at(2e9), at(WRAP - 10), at(0)))).toEqual([WRAP - 10, WRAP, WRAP + 2e9, 2 * WRAP - 10, 2 * WRAP]);
  });

  it('may go back over the wrap by a little, as overlapping fragments do', () => {
    expect(times(parse(at(WRAP - 10), at(0), at(WRAP - 4), at(6)))).toEqual([WRAP - 10, WRAP, WRAP - 4, WRAP + 6]);
  });

  it('keeps its turn over a gap behind a wrap', () => {
    expect(times(parse(at(WRAP - 10), at(0), at(3_000_000)))).toEqual([WRAP - 10, WRAP, WRAP + 3_000_000]);
  });

  it('means what it says where a publisher jumps back, before a wrap and behind it', () => {
    expect(times(parse(at(3_000_000_000), at(0), at(10)))).toEqual([3_000_000_000, 0, 10]);
    expect(times(parse(at(WRAP - 10), at(0), at(500_000), at(100), at(110)))).toEqual([WRAP - 10, WRAP, WRAP + 500_000, 100, 110]);
  });

  it('wraps for each track by itself', () => {
    const result = parse(at(WRAP - 10), at(500, { id: AUDIO }), at(0), at(510, { id: AUDIO }));
    expect(times(result)).toEqual([WRAP - 10, 500, WRAP, 510]);
  });

  it('does not wrap if it has 64 bits', () => {
    expect(times(parse(at(WRAP - 10, { version: 1 }), at(0, { version: 1 }), at(WRAP, { version: 1 })))).toEqual([WRAP - 10, 0, WRAP]);
  });
});

describe('a time in seconds', () => {
  // The track has 1000 ticks a second.
  const end = MAX_SECONDS * 1000;

  it('reaches up to 10^11, its duration included', () => {
    expect(times(parse(at(end - 10, { version: 1 })))).toEqual([end - 10]);
    expect(parse(at(end - 9, { version: 1 })).error).toMatchObject({ code: 'malformed-media', path: 'moof/traf' });
  });

  it('may not pass that by the durations of its samples', () => {
    const samples = Array.from({ length: 3_000 }, () => ({ duration: WRAP - 1, data: 'x' }));
    const moov = box('moov', mp4.mvhd(), mp4.trak({ id: VIDEO, handler: 'vide', entry: mp4.AVC_ENTRY, timescale: 1 }), box('mvex', mp4.trex(VIDEO)));
    expect(parseMp4([mp4.FTYP, moov, mp4.fragment([{ id: VIDEO, time: 0, samples }])]).error).toMatchObject({ code: 'malformed-media', path: 'moof/traf' });
  });
});

describe('a time of 64 bits', () => {
  const end = Number.MAX_SAFE_INTEGER;
  // So many ticks a second that 2^53 of them are less than 10^11 s.
  const moov = box('moov', mp4.mvhd(), mp4.trak({ id: VIDEO, handler: 'vide', entry: mp4.AVC_ENTRY, timescale: 1_000_000 }), box('mvex', mp4.trex(VIDEO)));
  const parse = (...fragments: readonly Uint8Array[]): ParseResult => parseMp4([mp4.FTYP, moov, ...fragments]);

  it('reaches up to 2^53 - 1, its duration included', () => {
    expect(times(parse(at(end - 11, { version: 1 })))).toEqual([end - 11]);
    expect(times(parse(at(end - 10, { version: 1 })))).toEqual([end - 10]);
    expect(parse(at(end - 9, { version: 1 })).error).toMatchObject({ code: 'malformed-media', path: 'moof/traf' });
    expect(parse(withRun(mp4.tfhd(VIDEO), (offset) => fullBox('trun', 0, 0x201, u32(1), u32(offset), u32(4)), fullBox('tfdt', 1, 0, mp4.hex('0020000000000000')))).error).toMatchObject({
      code: 'malformed-media',
      path: 'moof/traf/tfdt',
    });
  });

  it('may not pass 2^53 by going on without tfdt', () => {
    const next = mp4.fragment([{ id: VIDEO, time: undefined, samples: [{ data: 'x' }] }]);
    expect(parse(at(end - 20, { version: 1 }), next).error).toBeUndefined();
    expect(parse(at(end - 19, { version: 1 }), next).error).toMatchObject({ code: 'malformed-media', path: 'moof/traf' });
  });
});

describe('durations', () => {
  const withTrex = (duration: number): Uint8Array => box('moov', mp4.mvhd(), mp4.videoTrak, box('mvex', mp4.trex(VIDEO, { duration, size: 2 })));
  const plain = (offset: number): Uint8Array => fullBox('trun', 0, 0x1, u32(2), u32(offset));
  const span = (moov: Uint8Array, fragment: Uint8Array): unknown => parseMp4([mp4.FTYP, moov, fragment]).chunks[0]?.spans[0];

  it('are those of trex where trun and tfhd have none, and exact', () => {
    expect(span(withTrex(7), withRun(mp4.tfhd(VIDEO), plain))).toEqual({ trackId: VIDEO, time: 0, duration: 14, estimated: false });
  });

  it('are those of tfhd before those of trex', () => {
    expect(span(withTrex(7), withRun(mp4.tfhd(VIDEO, 0x20008, u32(9)), plain))).toEqual({ trackId: VIDEO, time: 0, duration: 18, estimated: false });
  });

  it('are guessed for each sample where none is stated', () => {
    const { chunks } = parseMp4([mp4.FTYP, withTrex(0), withRun(mp4.tfhd(VIDEO), plain)]);
    expect(chunks[0]?.spans).toEqual([{ trackId: VIDEO, time: 0, duration: 66, estimated: true }]);
    const trun = findBoxes(chunks[0]!.bytes, 'moof/traf/trun')[0];
    expect([u32At(trun, 20), u32At(trun, 36)]).toEqual([33, 33]);
  });

  it('are guessed for the last sample where only its own is not stated', () => {
    const run = (offset: number): Uint8Array => fullBox('trun', 0, 0x301, u32(2), u32(offset), u32(40), u32(2), u32(0), u32(2));
    const { chunks } = parse(withRun(mp4.tfhd(VIDEO), run));
    expect(chunks[0]?.spans).toEqual([{ trackId: VIDEO, time: 0, duration: 73, estimated: true }]);
  });
});

describe('composition offsets of a fragment that is written anew', () => {
  const split = (version: number, offsets: readonly number[]): (number | undefined)[][] => {
    const table = offsets.map((offset, i) => [u32(10), u32(1), u32(i === 1 ? SYNC : NON_SYNC), u32(offset)]).flat();
    const { chunks } = parse(withRun(mp4.tfhd(VIDEO), (at) => fullBox('trun', version, 0xf01, u32(offsets.length), u32(at), ...table)));
    const truns = chunks.map(({ bytes }) => findBoxes(bytes, 'moof/traf/trun')[0]!);
    return truns.flatMap((trun) => Array.from({ length: u32At(trun, 12) }, (_, i) => [trun[8], u32At(trun, 20 + 16 * i + 12)]));
  };

  it('stay unsigned in version 0, and signed in version 1', () => {
    expect(split(0, [20, 0, 0xfffffff0])).toEqual([[0, 20], [0, 0], [0, 0xfffffff0]]);
    expect(split(1, [-20, 0, 30])).toEqual([[1, 0xffffffec], [1, 0], [1, 30]]);
  });
});

describe('the samples of a run', () => {
  const many = (count: number, offset: number): Uint8Array => fullBox('trun', 0, 0x1, u32(count), u32(offset));

  it('must have a byte each: a field of their own, or data', () => {
    expect(parse(withRun(mp4.tfhd(VIDEO), (offset) => many(1, offset))).error).toBeUndefined();
    expect(parse(withRun(mp4.tfhd(VIDEO), (offset) => many(2, offset))).error).toMatchObject({ code: 'malformed-media', path: 'moof/traf/trun' });
    const sized = mp4.tfhd(VIDEO, 0x20010, u32(1));
    expect(parse(withRun(sized, (offset) => many(4, offset))).error).toBeUndefined();
    expect(parse(withRun(sized, (offset) => many(5, offset))).error).toMatchObject({ code: 'malformed-media', path: 'moof' });
  });

  it('are 16,384 in a moof at most', () => {
    const table = (count: number): Uint8Array => new Uint8Array(4 * count);
    const samples = (count: number): Uint8Array => withRun(mp4.tfhd(VIDEO), (offset) => fullBox('trun', 0, 0x201, u32(count), u32(offset), table(count)));
    expect(parse(samples(MAX_SAMPLES - 1)).error).toBeUndefined();
    expect(parse(samples(MAX_SAMPLES)).error).toBeUndefined();
    expect(parse(samples(MAX_SAMPLES + 1)).error).toMatchObject({ code: 'chunk-too-large', path: 'moof/traf/trun' });
  });

  it('part a fragment into 64 at most, however many can be joined', () => {
    const samples = Array.from({ length: 400 }, (_, i) => ({ data: 'x', flags: i % 2 === 0 ? NON_SYNC : SYNC }));
    const { chunks, error } = parse(mp4.fragment([{ id: VIDEO, time: 0, samples }]));
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(64);
    expect(chunks.at(-1)?.end).toBe(4);
  });

  it('are not written anew into a chunk over the limit', () => {
    const samples = [{ data: 'x'.repeat(400), flags: NON_SYNC }, ...Array.from({ length: 30 }, () => ({ data: 'x', flags: NON_SYNC, duration: 0 }))];
    const bytes = mp4.fragment([{ id: VIDEO, time: undefined, samples }]);
    const rewritten = parse(bytes).chunks[0]!.bytes.length;
    const limited = (maxChunk: number): string | undefined => parseMp4([mp4.FTYP, mp4.AV_MOOV, bytes], { maxInit: 1 << 20, maxChunk }).error?.code;
    expect(rewritten).toBeGreaterThan(bytes.length);
    expect(limited(rewritten)).toBeUndefined();
    expect(limited(rewritten - 1)).toBe('chunk-too-large');
  });
});
