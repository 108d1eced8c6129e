import { Mp4Parser } from '../../../../src/media/mp4/mp4-parser';
import { MAX_PARAMETER_SETS } from '../../../../src/media/codecs/h264-parameter-sets';
import { type MediaEvent, joinBytes, type ParseResult, parsePieces } from '../../../support/container-parser-contract';
import { avcConfiguration, IDR, lengthPrefixed, pps, SLICE, sps } from '../../../support/h264';
import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4, textOf, u32At } from '../../../support/mp4-parse';

const { hex } = mp4;

const SMALL = sps({ reorder: 0 });
const TALL = sps({ columns: 6, rows: 12, reorder: 0 });
const PPS = pps();
const PASP = mp4.box('pasp', mp4.u32(4), mp4.u32(3));

function entry(type: string, configuration: Uint8Array): Uint8Array {
  return mp4.box(type, hex('000000000000 0001'), new Uint8Array(16), hex('00a00080'), new Uint8Array(50), mp4.box('avcC', configuration), PASP);
}

function moov(type = 'avc1', configuration = avcConfiguration(SMALL, PPS)): Uint8Array {
  const video = mp4.trak({ id: mp4.VIDEO, handler: 'vide', entry: entry(type, configuration) });
  return mp4.box('moov', mp4.mvhd(), video, mp4.audioTrak, mp4.box('mvex', mp4.trex(mp4.VIDEO), mp4.trex(mp4.AUDIO)));
}

interface Picture {
  readonly data: string;
  readonly flags: number;
}

const key = (...units: readonly Uint8Array[]): Picture => ({ data: textOf(lengthPrefixed([...units, IDR])), flags: mp4.SYNC });
const delta = (...units: readonly Uint8Array[]): Picture => ({ data: textOf(lengthPrefixed([...units, SLICE])), flags: mp4.NON_SYNC });
const fragment = (time: number, ...samples: readonly Picture[]): Uint8Array => mp4.fragment([{ id: mp4.VIDEO, time, samples }]);
const parse = (...fragments: readonly Uint8Array[]): ParseResult => parseMp4([mp4.FTYP, moov(), ...fragments]);
const kinds = (events: readonly MediaEvent[]): string[] => events.map((event) => Object.keys(event)[0] ?? '');
const sizes = ({ inits }: ParseResult): unknown[] => inits.map(({ tracks: [video] }) => `${video?.width}x${video?.height}`);
/** Of the `tkhd` of the first track, pixels. */
const shownSize = ({ bytes }: { bytes: Uint8Array }): number[] => {
  const [tkhd] = findBoxes(bytes, 'moov/trak/tkhd');
  return [u32At(tkhd, tkhd!.length - 8), u32At(tkhd, tkhd!.length - 4)].map((fixed) => fixed / 65_536);
};

describe('H.264 parameter sets in the samples of MP4', () => {
  it.each(['avc1', 'avc3'])('of another size begin a new epoch, whose init segment has them (%s)', (type) => {
    const came = [fragment(0, key(SMALL, PPS)), fragment(10, key(TALL, PPS)), fragment(20, delta())];
    const { events, inits, chunks, error } = parseMp4([mp4.FTYP, moov(type), ...came]);
    expect(error).toBeUndefined();
    expect(kinds(events)).toEqual(['init', 'chunk', 'init', 'chunk', 'chunk']);
    expect(inits[1]).toMatchObject({ mime: `video/mp4; codecs="${type}.4D001E, opus"`, tracks: [{ width: 96, height: 192 }, { codec: 'opus' }] });
    expect(shownSize(inits[1]!)).toEqual([96, 192]);
    expect(textOf(inits[1]!.bytes)).toContain(textOf(mp4.box('avcC', avcConfiguration(TALL, PPS))));
    expect(chunks.map(({ bytes }) => textOf(bytes))).toEqual(came.map(textOf));
  });

  it('begin no epoch where they are repeated, or differ in what is no matter of the shape', () => {
    const result = parse(fragment(0, key(SMALL, PPS)), fragment(10, key(SMALL, PPS)), fragment(20, key(SMALL, pps(0, 0, 1))), fragment(30, key(sps({ reorder: 1 }), PPS)));
    expect(result.error).toBeUndefined();
    expect(kinds(result.events)).toEqual(['init', 'chunk', 'chunk', 'chunk', 'chunk']);
  });

  it('of another profile or level begin a new epoch with another codec string, and the sides of the picture stay as they are shown', () => {
    const { inits } = parse(fragment(0, key(sps({ profile: 100, level: 31, reorder: 0 }), PPS)));
    expect(inits.map(({ tracks: [video] }) => video?.codec)).toEqual(['avc1.4D001E', 'avc1.64001F']);
    expect(inits.map((init) => textOf(init.bytes).includes(textOf(PASP)))).toEqual([true, true]);
    expect(shownSize(inits[1]!)).toEqual(shownSize(inits[0]!));
  });

  it('count once they are those of the picture, whichever others come with it', () => {
    const other = sps({ id: 1, columns: 6, rows: 12, reorder: 0 });
    const idrOf = (id: number): Uint8Array => Uint8Array.of(0x65, 0x88, id === 0 ? 0b10011111 : 0b01011111);
    const picture = (id: number): Picture => ({ data: textOf(lengthPrefixed([SMALL, other, PPS, pps(1, 1), idrOf(id)])), flags: mp4.SYNC });
    const result = parse(fragment(0, picture(0)), fragment(10, picture(0)), fragment(20, picture(1)), fragment(30, picture(1)), fragment(40, picture(0)));
    expect(result.error).toBeUndefined();
    expect(sizes(result)).toEqual(['160x128', '96x192', '160x128']);
  });

  it('split a fragment where they change within it, also where all of its pictures are keyframes', () => {
    const { events, chunks, error } = parse(fragment(0, key(SMALL, PPS), key(), key(TALL, PPS), key(), key(SMALL, PPS), delta()));
    expect(error).toBeUndefined();
    expect(kinds(events)).toEqual(['init', 'chunk', 'init', 'chunk', 'init', 'chunk']);
    expect(chunks.map(({ start, end, joinable }) => ({ start, end, joinable }))).toEqual([
      { start: 0, end: 0.02, joinable: true },
      { start: 0.02, end: 0.04, joinable: true },
      { start: 0.04, end: 0.06, joinable: true },
    ]);
  });

  it('are described where the init segment has none, once they are of another shape than that says', () => {
    const none = Uint8Array.of(1, 0x4d, 0, 30, 0xff, 0xe0, 0);
    expect(sizes(parseMp4([mp4.FTYP, moov('avc3', none), fragment(0, key(SMALL, PPS)), fragment(10, key(TALL, PPS))]))).toEqual(['160x128', '96x192']);
  });

  it('are left alone in pictures that are no keyframes', () => {
    expect(sizes(parse(fragment(0, key()), fragment(10, delta(TALL, PPS))))).toEqual(['160x128']);
  });

  it('name the tracks that are dropped again', () => {
    const second = mp4.trak({ id: 3, handler: 'soun', entry: mp4.OPUS_ENTRY, timescale: 100 });
    const video = mp4.trak({ id: mp4.VIDEO, handler: 'vide', entry: entry('avc1', avcConfiguration(SMALL, PPS)) });
    const init = mp4.box('moov', mp4.mvhd(), video, mp4.audioTrak, second, mp4.box('mvex', mp4.trex(mp4.VIDEO), mp4.trex(mp4.AUDIO), mp4.trex(3)));
    const { inits } = parseMp4([mp4.FTYP, init, fragment(0, key(TALL, PPS))]);
    expect(inits.map(({ dropped }) => dropped)).toEqual([[{ id: 3, kind: 'audio', codec: 'Opus' }], [{ id: 3, kind: 'audio', codec: 'Opus' }]]);
  });

  it('are refused where those of one fragment have more than 64 KiB', () => {
    const large = Uint8Array.of(...PPS, ...new Uint8Array(40_000).fill(1));
    const larger = Uint8Array.of(...PPS, ...new Uint8Array(40_000).fill(2));
    expect(parse(fragment(0, key(large))).error).toBeUndefined();
    expect(parse(fragment(0, key(large), key(larger))).error?.code).toBe('init-too-large');
    expect(MAX_PARAMETER_SETS).toBe(65_536);
  });

  it('are refused where they change more than 20 times within a fragment', () => {
    const changing = (count: number): Picture[] => Array.from({ length: count }, (_, index) => key(index % 2 === 0 ? TALL : SMALL, PPS));
    expect(parse(fragment(0, ...changing(20))).inits).toHaveLength(21);
    expect(parse(fragment(0, ...changing(21))).error?.code).toBe('malformed-media');
  });

  it('are refused where a keyframe has more of them than a description can, also the same one again and again', () => {
    const repeated = (count: number): Uint8Array => fragment(0, key(...Array<Uint8Array>(count).fill(PPS)));
    expect(parse(repeated(286)).error).toBeUndefined();
    expect(parse(repeated(287)).error).toMatchObject({ code: 'malformed-media', message: expect.stringContaining('More than the 286 parameter sets that are allowed in one frame') });
  });

  it('are refused where the init segments that a fragment asks for have more than 256 KiB together, unless it is one', () => {
    const free = mp4.box('free', new Uint8Array(100_000));
    const init = mp4.box('moov', moov().subarray(8), free);
    const changing = (count: number): Picture[] => Array.from({ length: count }, (_, index) => key(index % 2 === 0 ? TALL : SMALL, PPS));
    const after = (first: Uint8Array, count: number): ParseResult => parseMp4([mp4.FTYP, first, fragment(0, ...changing(count))]);
    expect(after(init, 2).inits).toHaveLength(3);
    expect(after(init, 3).error?.code).toBe('init-too-large');
    expect(after(mp4.box('moov', init.subarray(8), free, free, free), 1).inits).toHaveLength(2);
  });

  it('are refused where the init segment would be too large with them', () => {
    const first = joinBytes([mp4.FTYP, moov()]);
    const limits = { maxInit: first.length + 4, maxChunk: 1 << 20 };
    const longer = Uint8Array.of(...PPS, ...new Uint8Array(100));
    const { error } = parsePieces((sink, given) => new Mp4Parser(sink, given), [first, fragment(0, key(TALL, longer))], limits);
    expect(error?.code).toBe('init-too-large');
  });

  it('are refused where they are broken', () => {
    expect(parse(fragment(0, key(Uint8Array.of(0x67, 0x4d)))).error?.code).toBe('malformed-media');
  });
});
