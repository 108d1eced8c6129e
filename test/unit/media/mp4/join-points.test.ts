import type { ParseResult } from '../../../support/container-parser-contract';
import { avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from '../../../support/h264';
import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4, textOf, u32At } from '../../../support/mp4-parse';

const { hex } = mp4;

const entry = (type: string, config: Uint8Array): Uint8Array => mp4.box(type, hex('000000000000 0001'), new Uint8Array(16), hex('00a00080'), new Uint8Array(50), config);
const moov = (described: Uint8Array): Uint8Array => mp4.box('moov', mp4.mvhd(), mp4.trak({ id: mp4.VIDEO, handler: 'vide', entry: described }), mp4.box('mvex', mp4.trex(mp4.VIDEO)));
const avc = (lengthSize?: number): Uint8Array => moov(entry('avc1', mp4.box('avcC', avcConfiguration(sps({ reorder: 0 }), pps(), lengthSize))));
/** Main profile, level 3.0, no parameter sets. */
const HEVC = moov(entry('hvc1', mp4.box('hvcC', hex('01 01 60000000 900000000000 5d f000 fc fd f8 f8 0000 0f 00'))));

/** What one message of SEI is, in a unit of its own. */
const sei = (...messages: readonly string[]): Uint8Array => hex(`06 ${messages.join(' ')} 80`);
const RECOVERY = '06 01 c4';
const TIMING = '01 04 01020304';
const CAPTIONS = '04 05 000003010203';

interface Picture {
  readonly units: readonly Uint8Array[];
  readonly flags?: number;
}

/** A fragment of pictures, each of 10 ticks. */
function fragment(time: number, pictures: readonly Picture[], lengthSize = 4): Uint8Array {
  const samples = pictures.map(({ units, flags = mp4.NON_SYNC }) => ({ data: textOf(lengthPrefixed(units, lengthSize)), flags }));
  return mp4.fragment([{ id: mp4.VIDEO, time, samples }]);
}

const parse = (init: Uint8Array, ...fragments: readonly Uint8Array[]): ParseResult => parseMp4([mp4.FTYP, init, ...fragments]);
const dataOf = ({ bytes }: { bytes: Uint8Array }): string => Buffer.from(findBoxes(bytes, 'mdat')[0]!.subarray(8)).toString('hex');
const flagsOf = ({ bytes }: { bytes: Uint8Array }): number[] => {
  const [trun] = findBoxes(bytes, 'moof/traf/trun');
  return Array.from({ length: u32At(trun, 12) }, (_, index) => u32At(trun, 20 + 16 * index + 8));
};
const hexOf = (units: readonly Uint8Array[]): string => Buffer.from(lengthPrefixed(units)).toString('hex');
const KEYFRAME: Picture = { units: [IDR], flags: mp4.SYNC };
const DELTA: Picture = { units: [SLICE] };
/** As ffmpeg marks an I picture of an open GOP. */
const OPEN: Picture = { units: [sei(RECOVERY), SLICE], flags: mp4.SYNC };

describe('where a newcomer can join H.264 in MP4', () => {
  it('is an IDR picture, and none that the container calls a keyframe', () => {
    const { chunks, error } = parse(avc(), fragment(0, [KEYFRAME]), fragment(10, [OPEN]), fragment(20, [KEYFRAME]));
    expect(error).toBeUndefined();
    expect(chunks.map(({ joinable }) => joinable)).toEqual([true, false, true]);
    expect(chunks.map(flagsOf)).toEqual([[mp4.SYNC], [mp4.NON_SYNC], [mp4.SYNC]]);
  });

  it('is an IDR picture that the container does not call a keyframe', () => {
    const { chunks } = parse(avc(), fragment(0, [{ units: [IDR] }]));
    expect(chunks[0]?.joinable).toBe(true);
    expect(chunks.map(flagsOf)).toEqual([[mp4.SYNC]]);
  });

  it('is an IDR picture behind others, before which a fragment is split, and not before others', () => {
    const { chunks, error } = parse(avc(), fragment(0, [KEYFRAME, DELTA, OPEN, DELTA, KEYFRAME, DELTA]));
    expect(error).toBeUndefined();
    expect(chunks.map(({ joinable, start, end }) => ({ joinable, start, end }))).toEqual([
      { joinable: true, start: 0, end: 0.04 },
      { joinable: true, start: 0.04, end: 0.06 },
    ]);
  });

  it('is what the container says of a picture whose units cannot be told apart', () => {
    const odd = hex('ffffff');
    const { chunks } = parse(avc(), mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: textOf(odd), flags: mp4.SYNC }] }]));
    expect(chunks[0]?.joinable).toBe(true);
  });

  it.each([1, 2, 4])('is found by lengths of %d bytes', (size) => {
    const { chunks } = parse(avc(size), fragment(0, [KEYFRAME], size), fragment(10, [OPEN], size));
    expect(chunks.map(({ joinable }) => joinable)).toEqual([true, false]);
  });

  it('leaves fragments byte for byte as they came where their keyframes are IDR pictures', () => {
    const came = [fragment(0, [KEYFRAME, DELTA]), fragment(20, [KEYFRAME, { units: [sei(TIMING), SLICE] }])];
    expect(parse(avc(), ...came).chunks.map(({ bytes }) => textOf(bytes))).toEqual(came.map(textOf));
  });
});

describe('a recovery point in H.264', () => {
  const passed = (unit: Uint8Array): string => {
    const { chunks } = parse(avc(), fragment(0, [KEYFRAME]), fragment(10, [{ units: [unit, SLICE] }]));
    return dataOf(chunks[1]!);
  };

  it('is no recovery point any more in a picture that is no IDR, which Chromium would take for a keyframe', () => {
    expect(passed(sei(RECOVERY))).toBe(hexOf([hex('06 fe 01 c4 80'), SLICE]));
  });

  it('is found behind other messages, with bytes that prevent start codes in them, which stay', () => {
    expect(passed(sei(TIMING, CAPTIONS, RECOVERY))).toBe(hexOf([hex('06 01 04 01020304 04 05 000003010203 fe 01 c4 80'), SLICE]));
  });

  it('stays in an IDR picture', () => {
    const { chunks } = parse(avc(), fragment(0, [{ units: [sei(RECOVERY), IDR], flags: mp4.SYNC }]));
    expect(dataOf(chunks[0]!)).toBe(hexOf([sei(RECOVERY), IDR]));
  });

  it('leaves messages as they are that only look like one, and those that are cut off', () => {
    for (const unit of [hex('06 04 03 060104 80'), hex('06 ff06 01 aa 80'), hex('06'), hex('06 06')]) expect(passed(unit)).toBe(hexOf([unit, SLICE]));
  });
});

describe('where a newcomer can join H.265 in MP4', () => {
  const picture = (type: number): Uint8Array => Uint8Array.of(type << 1, 1, 0xaf);

  it.each([
    ['BLA', 16, true],
    ['IDR', 19, true],
    ['IDR without leading pictures', 20, true],
    ['CRA', 21, true],
    ['TRAIL', 1, false],
    ['RASL', 9, false],
  ])('is (%s) told by the type of its first picture', (_, type, joinable) => {
    const { chunks, error } = parse(HEVC, fragment(0, [{ units: [picture(type)], flags: mp4.SYNC }]));
    expect(error).toBeUndefined();
    expect(chunks.map((chunk) => chunk.joinable)).toEqual([joinable]);
  });
});
