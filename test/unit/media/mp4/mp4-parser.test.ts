import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chunk } from '../../../../src/media/chunk';
import type { MediaSink } from '../../../../src/media/container-parser';
import { MediaError } from '../../../../src/media/media-error';
import { Mp4Parser } from '../../../../src/media/mp4/mp4-parser';
import { cutEvery, joinBytes, parsePieces } from '../../../support/container-parser-contract';
import * as mp4 from '../../../support/mp4-boxes';
import { findBoxes, parseMp4, textOf } from '../../../support/mp4-parse';

const INIT = [mp4.FTYP, mp4.VIDEO_MOOV];
const one = (time: number, data = 'frame'): Uint8Array => mp4.fragment([{ id: mp4.VIDEO, time, samples: [{ data }] }]);
const refused = (name: string): Uint8Array => readFileSync(join(__dirname, '../../../fixtures/mp4/refused', `${name}.mp4`));

/** A parser with a sink that only counts. */
function begin(): { parser: Mp4Parser; chunks: Chunk[]; inits: () => number } {
  const chunks: Chunk[] = [];
  let inits = 0;
  const sink: MediaSink = { init: () => inits++, chunk: (chunk) => chunks.push(chunk) };
  return { parser: new Mp4Parser(sink), chunks, inits: () => inits };
}

describe('Mp4Parser', () => {
  it('passes moof and mdat on as they came', () => {
    const { chunks, inits, error } = parseMp4([...INIT, one(20), one(30)]);
    expect(error).toBeUndefined();
    expect(inits.map(({ mime }) => mime)).toEqual(['video/mp4; codecs="avc1.42C01E"']);
    expect(chunks.map(({ bytes }) => [...bytes])).toEqual([[...one(20)], [...one(30)]]);
    expect(chunks[0]).toMatchObject({ joinable: true, hasVideo: true, start: 0.02, end: 0.03, spans: [{ trackId: 1, time: 20, duration: 10, estimated: false }] });
  });

  it('lets a chunk go with its last byte, not with the next box', () => {
    const { parser, chunks } = begin();
    parser.push(joinBytes(INIT));
    const bytes = one(0);
    parser.push(bytes.subarray(0, -1));
    expect(chunks).toHaveLength(0);
    parser.push(bytes.subarray(-1));
    expect(chunks).toHaveLength(1);
  });

  it.each(['styp', 'sidx', 'prft', 'emsg', 'free', 'skip', 'uuid', 'abcd'])('skips "%s" wherever it stands at top level', (type) => {
    const extra = mp4.box(type, new Uint8Array(5));
    const { chunks, error } = parseMp4([mp4.FTYP, extra, mp4.VIDEO_MOOV, extra, one(0), extra, mp4.largeBox(type), one(10), mp4.box(type)]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ bytes }) => [...bytes])).toEqual([[...one(0)], [...one(10)]]);
  });

  it('moves the data offsets when it drops a box between moof and mdat', () => {
    const apart = mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: 'frame' }] }], mp4.box('free', new Uint8Array(9)));
    const { chunks } = parseMp4([...INIT, apart]);
    expect(chunks.map(({ bytes }) => [...bytes])).toEqual([[...one(0)]]);
  });

  it('skips a box of many gigabytes without holding or refusing it', () => {
    const { parser, chunks } = begin();
    parser.push(joinBytes([...INIT, mp4.header('free', 2 ** 40)]));
    for (let i = 0; i < 100; i++) parser.push(new Uint8Array(1 << 20));
    expect(chunks).toHaveLength(0);
    parser.finish();
  });

  it('takes 64-bit sizes', () => {
    const small = one(0);
    const [mdat] = findBoxes(small, 'mdat');
    const moof = mp4.fragment([{ id: mp4.VIDEO, time: 0, samples: [{ data: 'frame' }] }], new Uint8Array(8)).subarray(0, small.length - 13);
    const large = joinBytes([moof, mp4.largeBox('mdat', mdat!.subarray(8))]);
    const { chunks, error } = parseMp4([...INIT, large]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ bytes }) => [...bytes])).toEqual([[...large]]);
  });

  it('gives an mdat that goes on to the end its size when the end is known', () => {
    const open = one(0);
    open.set([0, 0, 0, 0], open.length - 13);
    const { chunks, error } = parseMp4([...INIT, open]);
    expect(error).toBeUndefined();
    expect(chunks.map(({ bytes }) => [...bytes])).toEqual([[...one(0)]]);
  });

  it('tells at the same byte that such an mdat is too large, however it is cut', () => {
    const open = joinBytes([...INIT, one(0)]);
    open.set([0, 0, 0, 0], open.length - 13);
    const limits = { maxInit: 10_000, maxChunk: open.length - joinBytes(INIT).length };
    const told = [1, 7, 1000].map((size) => {
      const bytes = joinBytes([open, new Uint8Array(50)]);
      return parsePieces((sink, given) => new Mp4Parser(sink, given), cutEvery(bytes, size), limits).error;
    });
    for (const error of told) expect(error).toMatchObject({ code: 'chunk-too-large', offset: open.length, path: 'mdat', message: told[0]!.message });
  });

  it('begins anew at a ftyp, and at a moov alone', () => {
    const { events, error } = parseMp4([...INIT, one(0), ...INIT, one(5), mp4.VIDEO_MOOV, one(7)]);
    expect(error).toBeUndefined();
    expect(events.map((event) => ('init' in event ? 'init' : event.chunk.start))).toEqual(['init', 0, 'init', 0.005, 'init', 0.007]);
  });

  it('throws its error again after an error, whatever comes', () => {
    const { parser } = begin();
    expect(() => parser.push(mp4.box('mdat'))).toThrow(MediaError);
    expect(() => parser.push(joinBytes(INIT))).toThrow(/not fragmented/);
    expect(() => {
      parser.finish();
    }).toThrow(/not fragmented/);
  });
});

describe('Mp4Parser refuses', () => {
  const moof = (): Uint8Array => one(0).subarray(0, -13);

  it.each([
    ['text', [Uint8Array.from('GET / HTTP/1.1 and so on', (char) => char.charCodeAt(0))], 'not-a-container'],
    ['a JPEG', [mp4.hex('ffd8ffe0 00104a46 49460001')], 'not-a-container'],
    ['WebM', [mp4.hex('1a45dfa3 9f428681 0142f781')], 'not-a-container'],
    ['nothing', [], 'no-media'],
    ['an mdat before moov', [mp4.FTYP, mp4.header('mdat', 1e12)], 'not-fragmented'],
    ['a moov without mvex', [mp4.FTYP, mp4.box('moov', mp4.mvhd(), mp4.videoTrak)], 'not-fragmented'],
    ['a moov without tracks', [mp4.box('moov', mp4.mvhd(), mp4.box('mvex'))], 'malformed-media'],
    ['a moof before moov', [moof()], 'malformed-media'],
    ['two moofs before an mdat', [...INIT, moof(), moof()], 'unsupported-layout'],
    ['a moov between moof and mdat', [...INIT, moof(), mp4.VIDEO_MOOV], 'malformed-media'],
    ['a box smaller than its header', [...INIT, mp4.hex('00000007 66726565')], 'malformed-media'],
    ['a 64-bit box smaller than its header', [...INIT, mp4.hex('00000001 66726565 00000000 0000000f')], 'malformed-media'],
    ['a size above 2^53', [...INIT, mp4.hex('00000001 66726565 00200000 00000000')], 'malformed-media'],
    ['a type that is none', [...INIT, mp4.hex('00000010 00010203')], 'malformed-media'],
    ['a moof of unknown size', [...INIT, mp4.hex('00000000 6d6f6f66')], 'malformed-media'],
    ['a moov of unknown size', [mp4.FTYP, mp4.hex('00000000 6d6f6f76')], 'malformed-media'],
    ['a box larger than the one around it', [mp4.FTYP, mp4.box('moov', mp4.header('trak', 999))], 'malformed-media'],
    ['the end inside ftyp', [mp4.FTYP.subarray(0, 12)], 'incomplete-media'],
    ['the end inside a header', [...INIT, mp4.hex('000000')], 'incomplete-media'],
    ['the end before moov', [mp4.FTYP], 'incomplete-media'],
    ['the end before a second moov', [...INIT, one(0), mp4.FTYP], 'incomplete-media'],
    ['the end inside moof', [...INIT, moof().subarray(0, 40)], 'incomplete-media'],
    ['the end before mdat', [...INIT, moof()], 'incomplete-media'],
    ['the end inside mdat', [...INIT, one(0).subarray(0, -1)], 'incomplete-media'],
  ])('%s', (_name, parts, code) => {
    expect(parseMp4(parts).error?.code).toBe(code);
  });

  it.each([
    ['plain', 'not-fragmented', /not fragmented/],
    ['faststart', 'not-fragmented', /not fragmented/],
    ['no-empty-moov', 'unsupported-layout', /\+empty_moov/],
    ['av1-empty-moov', 'unsupported-layout', /\+delay_moov/],
    ['mpeg4', 'unsupported-codec', /mp4v/],
  ])('what ffmpeg writes as "%s"', (name, code, message) => {
    const { error, chunks } = parseMp4([refused(name)]);
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(chunks).toHaveLength(0);
  });

  it('an init segment over the limit, by its header', () => {
    const limits = { maxInit: 1000, maxChunk: 1000 };
    expect(parseMp4([mp4.FTYP, mp4.header('moov', 1001 - mp4.FTYP.length)], limits).error?.code).toBe('init-too-large');
    expect(parseMp4([mp4.FTYP, mp4.header('moov', 1000 - mp4.FTYP.length)], limits).error?.code).toBe('incomplete-media');
    expect(parseMp4([mp4.header('ftyp', 1001)], limits).error?.code).toBe('init-too-large');
  });

  it('a chunk over the limit, by its header', () => {
    const limits = { maxInit: 1 << 20, maxChunk: 1000 };
    const room = 1000 - moof().length;
    expect(parseMp4([...INIT, mp4.header('moof', 1001)], limits).error?.code).toBe('chunk-too-large');
    expect(parseMp4([...INIT, moof(), mp4.header('mdat', room + 1)], limits).error?.code).toBe('chunk-too-large');
    expect(parseMp4([...INIT, moof(), mp4.header('mdat', room)], limits).error?.code).toBe('incomplete-media');
    expect(parseMp4([...INIT, moof(), mp4.hex('00000000 6d646174'), new Uint8Array(room)], limits).error?.code).toBe('chunk-too-large');
  });

  it('with the place: the byte and the boxes around it', () => {
    const { error } = parseMp4([mp4.box('moov', mp4.mvhd(), mp4.box('mvex'), mp4.box('trak', mp4.box('tkhd')))]);
    expect(error?.path).toBe('moov/trak/tkhd');
    expect(error?.offset).toBe(mp4.mvhd().length + 8 + 8 + 8 + 8);
  });
});

describe('Mp4Parser at the end', () => {
  it('does not mind a last box that is not media', () => {
    const { error } = parseMp4([...INIT, one(0), mp4.box('mfra', new Uint8Array(20))]);
    expect(error).toBeUndefined();
    expect(parseMp4([...INIT, one(0), mp4.hex('00000000 66726565 0000')]).error).toBeUndefined();
  });

  it('has read the text of all samples', () => {
    const { chunks } = parseMp4([...INIT, one(0, 'a'), one(10, 'b')]);
    expect(chunks.map(({ bytes }) => textOf(findBoxes(bytes, 'mdat')[0]?.subarray(8)))).toEqual(['a', 'b']);
  });
});
