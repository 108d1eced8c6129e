import { joinBytes } from '../../../support/container-parser-contract';
import { cpuTime } from '../../../support/cpu-time';
import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4, textOf, u32At } from '../../../support/mp4-parse';

const { AUDIO, VIDEO, SYNC, NON_SYNC, fullBox, u32 } = mp4;
const AV = [mp4.FTYP, mp4.AV_MOOV];
const payload = (bytes: Uint8Array): string => textOf(findBoxes(bytes, 'mdat')[0]?.subarray(8));

/** A moof of one video track with tfhd and trun as given, behind it an mdat with `data`. */
function bare(tfhd: Uint8Array, trun: (dataOffset: number) => Uint8Array, data = 'abcdef'): Uint8Array {
  const moof = (offset: number): Uint8Array => mp4.box('moof', fullBox('mfhd', 0, 0, u32(1)), mp4.box('traf', tfhd, mp4.tfdt(0), trun(offset)));
  return joinBytes([moof(moof(0).length + 8), mp4.box('mdat', Uint8Array.from(data, (char) => char.charCodeAt(0)))]);
}

describe('a fragment can be joined', () => {
  const joinable = (moov: Uint8Array, fragment: Uint8Array): boolean | undefined => parseMp4([mp4.FTYP, moov, fragment]).chunks[0]?.joinable;
  const withTrex = (flags: number): Uint8Array => mp4.box('moov', mp4.mvhd(), mp4.videoTrak, mp4.box('mvex', mp4.trex(VIDEO, { flags, size: 6, duration: 5 })));
  const plainRun = (at: number): Uint8Array => fullBox('trun', 0, 0x1, u32(1), u32(at));

  it('by the flags of trex', () => {
    expect(joinable(withTrex(SYNC), bare(mp4.tfhd(VIDEO), plainRun))).toBe(true);
    expect(joinable(withTrex(NON_SYNC), bare(mp4.tfhd(VIDEO), plainRun))).toBe(false);
    expect(joinable(withTrex(0x10000), bare(mp4.tfhd(VIDEO), plainRun))).toBe(false);
    expect(joinable(withTrex(0), bare(mp4.tfhd(VIDEO), plainRun))).toBe(true);
  });

  it('by the flags of tfhd before those of trex', () => {
    expect(joinable(withTrex(NON_SYNC), bare(mp4.tfhd(VIDEO, 0x20020, u32(SYNC)), plainRun))).toBe(true);
    expect(joinable(withTrex(SYNC), bare(mp4.tfhd(VIDEO, 0x20020, u32(NON_SYNC)), plainRun))).toBe(false);
  });

  it('by the first flags of trun before those of tfhd', () => {
    const run = (at: number): Uint8Array => fullBox('trun', 0, 0x5, u32(1), u32(at), u32(SYNC));
    expect(joinable(withTrex(NON_SYNC), bare(mp4.tfhd(VIDEO, 0x20020, u32(NON_SYNC)), run))).toBe(true);
  });

  it('by the flags of each sample', () => {
    const run = (at: number): Uint8Array => fullBox('trun', 0, 0x401, u32(1), u32(at), u32(NON_SYNC));
    expect(joinable(withTrex(SYNC), bare(mp4.tfhd(VIDEO), run))).toBe(false);
  });

  it('only with video where the stream has video', () => {
    const audio = mp4.fragment([{ id: AUDIO, time: 0, samples: [{ data: 'x' }] }]);
    expect(parseMp4([...AV, audio]).chunks[0]).toMatchObject({ joinable: false, hasVideo: false });
    expect(joinable(mp4.AUDIO_MOOV, audio)).toBe(true);
  });
});

describe('the times of a fragment', () => {
  it('are those of the video, with a span for each track', () => {
    const { chunks } = parseMp4([
      ...AV,
      mp4.fragment([
        { id: AUDIO, time: 90, samples: [{ data: 'x', duration: 2 }] },
        { id: VIDEO, time: 1000, samples: [{ data: 'v', duration: 40 }, { data: 'w', duration: 40, flags: NON_SYNC }] },
      ]),
    ]);
    expect(chunks[0]).toMatchObject({ start: 1, end: 1.08, spans: [{ trackId: AUDIO, time: 90, duration: 2 }, { trackId: VIDEO, time: 1000, duration: 80 }] });
  });

  it('are those of the audio where there is no video', () => {
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: AUDIO, time: 150, samples: [{ data: 'x', duration: 50 }] }])]);
    expect(chunks[0]).toMatchObject({ start: 1.5, end: 2 });
  });

  it('go on where the track was when tfdt is missing, and tfdt is written', () => {
    const next = (data: string): Uint8Array => mp4.fragment([{ id: VIDEO, time: undefined, samples: [{ data }] }]);
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: VIDEO, time: 500, samples: [{ data: 'a' }] }]), next('b'), next('c')]);
    expect(chunks.map(({ start }) => start)).toEqual([0.5, 0.51, 0.52]);
    expect(chunks.map(({ bytes }) => u32At(findBoxes(bytes, 'moof/traf/tfdt')[0], 16))).toEqual([500, 510, 520]);
  });

  it('are estimated from the sample before where a duration is missing', () => {
    const { chunks } = parseMp4([
      ...AV,
      mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'a', duration: 40 }] }]),
      mp4.fragment([{ id: VIDEO, time: 40, samples: [{ data: 'b', duration: 0 }] }]),
    ]);
    expect(chunks.map(({ spans }) => spans[0])).toEqual([
      { trackId: VIDEO, time: 0, duration: 40, estimated: false },
      { trackId: VIDEO, time: 40, duration: 40, estimated: true },
    ]);
  });

  it('fill a step that is late, where ffmpeg gives a packet the time of the next and no duration', () => {
    const packet = (time: number, duration: number): Uint8Array => mp4.fragment([{ id: VIDEO, time, samples: [{ data: 'x', duration }] }]);
    const { chunks } = parseMp4([...AV, packet(0, 40), packet(80, 0), packet(80, 40), packet(120, 40)]);
    expect(chunks.map(({ spans }) => spans[0])).toEqual([
      { trackId: VIDEO, time: 0, duration: 40, estimated: false },
      { trackId: VIDEO, time: 40, duration: 40, estimated: false },
      { trackId: VIDEO, time: 80, duration: 40, estimated: false },
      { trackId: VIDEO, time: 120, duration: 40, estimated: false },
    ]);
    expect(chunks.map(({ bytes }) => u32At(findBoxes(bytes, 'moof/traf/tfdt')[0], 16))).toEqual([0, 40, 80, 120]);
  });

  it('leave a gap a gap', () => {
    const packet = (time: number, duration: number): Uint8Array => mp4.fragment([{ id: VIDEO, time, samples: [{ data: 'x', duration }] }]);
    const { chunks } = parseMp4([...AV, packet(0, 40), packet(200, 0)]);
    expect(chunks[1]?.spans).toEqual([{ trackId: VIDEO, time: 200, duration: 40, estimated: true }]);
  });

  it('are written where they are missing: browsers take what follows no duration for a gap', () => {
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'a', duration: 0 }] }])]);
    const [again] = parseMp4([...AV, chunks[0]!.bytes]).chunks;
    expect(again?.spans).toEqual([{ trackId: VIDEO, time: 0, duration: 33, estimated: true }]);
  });

  it('bridge a gap of a second where a video frame stands alone and its duration is a guess', () => {
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'a', duration: 0 }] }])]);
    expect(u32At(findBoxes(chunks[0]!.bytes, 'moof/traf/trun')[0], 20)).toBe(1000);
    expect(u32At(findBoxes(chunks[0]!.bytes, 'moof/traf/tfhd')[0], 16)).toBe(33);
  });

  it('may be more than 32 bits', () => {
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: VIDEO, time: 5e12, samples: [{ data: 'a' }] }])]);
    expect(chunks[0]?.start).toBe(5e9);
  });
});

describe('a fragment with sync samples inside', () => {
  const gop = (first: number): mp4.SampleOptions[] => [
    { data: 'a', flags: first },
    { data: 'bb', flags: NON_SYNC, cts: 20 },
    { data: 'KK', flags: SYNC },
    { data: 'c', flags: NON_SYNC },
  ];

  it('is split before them, and each part has the audio of its time', () => {
    const audio = [0, 1, 2, 3].map((i) => ({ data: String(i), duration: 1 }));
    const { chunks, error } = parseMp4([...AV, mp4.fragment([{ id: AUDIO, time: 100, samples: audio }, { id: VIDEO, time: 1000, samples: gop(NON_SYNC) }])]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ joinable, start, end }) => ({ joinable, start, end }))).toEqual([
      { joinable: false, start: 1, end: 1.02 },
      { joinable: true, start: 1.02, end: 1.04 },
    ]);
    expect(chunks.map(({ bytes }) => payload(bytes))).toEqual(['01abb', '23KKc']);
    expect(chunks[1]?.spans).toEqual([
      { trackId: AUDIO, time: 102, duration: 2, estimated: false },
      { trackId: VIDEO, time: 1020, duration: 20, estimated: false },
    ]);
  });

  it('is split also where its beginning can be joined', () => {
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: VIDEO, time: 0, samples: gop(SYNC) }])]);
    expect(chunks.map(({ bytes, joinable }) => [payload(bytes), joinable])).toEqual([['abb', true], ['KKc', true]]);
  });

  it('stays whole where all samples are sync samples', () => {
    const whole = mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'a' }, { data: 'b' }] }]);
    expect(parseMp4([...AV, whole]).chunks.map(({ bytes }) => [...bytes])).toEqual([[...whole]]);
  });

  it('keeps composition offsets', () => {
    const { chunks } = parseMp4([...AV, mp4.fragment([{ id: VIDEO, time: 0, samples: gop(SYNC) }])]);
    expect(u32At(findBoxes(chunks[0]!.bytes, 'moof/traf/trun')[0], 20 + 16 + 12)).toBe(20);
  });
});

describe('a fragment with a track that is dropped', () => {
  const timecode = mp4.trak({ id: 7, handler: 'tmcd', entry: mp4.TIMECODE_ENTRY });
  const moov = mp4.box('moov', mp4.mvhd(), timecode, mp4.videoTrak, mp4.box('mvex', mp4.trex(7), mp4.trex(VIDEO)));

  it('has the data of the others only', () => {
    const both = mp4.fragment([{ id: 7, time: 0, samples: [{ data: 'TTTT' }] }, { id: VIDEO, time: 0, samples: [{ data: 'v' }] }]);
    const { chunks, error } = parseMp4([mp4.FTYP, moov, both]);
    expect(error).toBeUndefined();
    const alone = mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'v' }] }]);
    expect(chunks.map(({ bytes }) => [...bytes])).toEqual([[...alone]]);
  });

  it('is left out where there is no other', () => {
    const { chunks, error } = parseMp4([mp4.FTYP, moov, mp4.fragment([{ id: 7, time: 0, samples: [{ data: 'T' }] }])]);
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(0);
  });
});

describe('a fragment is refused', () => {
  const run = (count: number, size: number) => (at: number): Uint8Array => fullBox('trun', 0, 0x201, u32(count), u32(at), ...Array<Uint8Array>(count).fill(u32(size)));
  const code = (fragment: Uint8Array): string | undefined => parseMp4([...AV, fragment]).error?.code;

  it('if its samples lie outside of the mdat', () => {
    expect(code(bare(mp4.tfhd(VIDEO), run(1, 6)))).toBeUndefined();
    expect(code(bare(mp4.tfhd(VIDEO), run(1, 7)))).toBe('malformed-media');
    expect(code(bare(mp4.tfhd(VIDEO), (at) => run(1, 6)(at - 1)))).toBe('malformed-media');
    expect(code(bare(mp4.tfhd(VIDEO), (at) => run(1, 1)(at - 2 ** 31)))).toBe('malformed-media');
  });

  it('if samples share data', () => {
    const twice = (at: number): Uint8Array => joinBytes([run(1, 4)(at), run(1, 4)(at)]);
    expect(code(bare(mp4.tfhd(VIDEO), twice))).toBe('malformed-media');
  });

  it('if a few bytes declare very many samples', () => {
    const spent = cpuTime(() => expect(code(bare(mp4.tfhd(VIDEO), (at) => fullBox('trun', 0, 0x1, u32(0xffffffff), u32(at))))).toBe('chunk-too-large'));
    expect(spent).toBeLessThan(500);
  });

  it('if its table is cut off', () => {
    expect(code(bare(mp4.tfhd(VIDEO), (at) => fullBox('trun', 0, 0x201, u32(2), u32(at), u32(1))))).toBe('malformed-media');
  });

  it('if its track is unknown, or there twice', () => {
    expect(code(mp4.fragment([{ id: 9, time: 0, samples: [{ data: 'x' }] }]))).toBe('malformed-media');
    const samples = [{ data: 'x' }];
    expect(code(mp4.fragment([{ id: VIDEO, time: 0, samples }, { id: VIDEO, time: 0, samples }]))).toBe('unsupported-layout');
  });

  it('if its data counts from the beginning of the file and lies elsewhere', () => {
    const fragment = mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'x' }], tfhd: mp4.tfhd(VIDEO, 0x1, mp4.u64(0)) }]);
    expect(parseMp4([...AV, fragment]).error).toMatchObject({ code: 'malformed-media', message: expect.stringMatching(/outside of the mdat/) as string });
  });
});

describe('a fragment whose data counts from the beginning of the file', () => {
  const absolute = (moofAt: number, time: number, data: string): Uint8Array =>
    mp4.fragment([{ id: VIDEO, time, samples: [{ data }], tfhd: mp4.tfhd(VIDEO, 0x1, mp4.u64(moofAt)) }]);
  const relative = (time: number, data: string): Uint8Array => mp4.fragment([{ id: VIDEO, time, samples: [{ data }] }]);
  const headSize = joinBytes(AV).length;
  const size = absolute(0, 0, 'frame').length;

  it('is written anew, counted from its moof', () => {
    const { chunks, error } = parseMp4([...AV, absolute(headSize, 0, 'frame'), absolute(headSize + size, 10, 'again')]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ bytes }) => textOf(bytes))).toEqual([relative(0, 'frame'), relative(10, 'again')].map(textOf));
    expect(chunks.map(({ bytes }) => u32At(findBoxes(bytes, 'moof/traf/tfhd')[0], 8) & 0x20001)).toEqual([0x20000, 0x20000]);
  });

  it('counts from the file that it belongs to where one follows the other', () => {
    const { chunks, error } = parseMp4([...AV, absolute(headSize, 0, 'frame'), ...AV, absolute(headSize, 0, 'other')]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ bytes }) => textOf(bytes))).toEqual([relative(0, 'frame'), relative(0, 'other')].map(textOf));
  });
});
