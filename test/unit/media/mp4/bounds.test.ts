import { type Chunk, HEAD_ROOM } from '../../../../src/media/chunk';
import { DEFAULT_MEDIA_LIMITS, MAX_TRACKS } from '../../../../src/media/container-parser';
import { Box, MAX_BOX_DEPTH, MAX_BOXES } from '../../../../src/media/mp4/box';
import { MAX_CHILD_BOXES } from '../../../../src/media/mp4/box-scanner';
import { MAX_SAMPLE_DESCRIPTIONS } from '../../../../src/media/mp4/mp4-track';
import { Mp4Parser } from '../../../../src/media/mp4/mp4-parser';
import { joinBytes } from '../../../support/container-parser-contract';
import * as mp4 from '../../../support/mp4-boxes';
import { parseMp4 } from '../../../support/mp4-parse';

const { VIDEO, box, fullBox, u32 } = mp4;
const INIT = [mp4.FTYP, mp4.VIDEO_MOOV];

/** What a parser says of `parts`: its error's code, its path and the byte. */
function refusal(...parts: readonly Uint8Array[]): [string, string, number] | undefined {
  const { error } = parseMp4(parts);
  return error && [error.code, error.path, error.offset];
}

describe('Mp4Parser bounds', () => {
  it('an init segment at 1 MiB', () => {
    const room = DEFAULT_MEDIA_LIMITS.maxInit - mp4.FTYP.length - 8;
    const padded = (size: number): Uint8Array => {
      const boxes = [mp4.mvhd(), mp4.videoTrak, box('mvex', mp4.trex(VIDEO))];
      return box('moov', ...boxes, box('free', new Uint8Array(size - joinBytes(boxes).length - 8)));
    };
    expect(refusal(mp4.FTYP, padded(room - 1))).toBeUndefined();
    expect(refusal(mp4.FTYP, padded(room))).toBeUndefined();
    expect(refusal(mp4.FTYP, padded(room + 1))).toEqual(['init-too-large', 'moov', mp4.FTYP.length]);
  });

  it('a chunk at 16 MiB', () => {
    const head = mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: '' }] }]).length;
    const size = DEFAULT_MEDIA_LIMITS.maxChunk;
    const chunk = (payload: number): Uint8Array => {
      const moof = mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'x' }] }]).subarray(0, head - 8);
      return joinBytes([moof, mp4.header('mdat', 8 + payload), new Uint8Array(payload)]);
    };
    expect(parseMp4([...INIT, chunk(size - head - 1)]).chunks[0]?.bytes).toHaveLength(size - 1);
    expect(parseMp4([...INIT, chunk(size - head)]).chunks[0]?.bytes).toHaveLength(size);
    expect(refusal(...INIT, chunk(size - head + 1))).toEqual(['chunk-too-large', 'mdat', joinBytes(INIT).length + head - 8]);
  });

  it('its tracks at 16, those that are dropped among them', () => {
    const moov = (count: number): Uint8Array => {
      const ids = Array.from({ length: count }, (_, i) => i + 1);
      const traks = ids.map((id) => (id % 2 === 0 ? mp4.trak({ id, handler: 'text', entry: mp4.TIMECODE_ENTRY }) : mp4.trak({ id, handler: 'vide', entry: mp4.AVC_ENTRY })));
      return box('moov', mp4.mvhd(), ...traks, box('mvex', ...ids.map((id) => mp4.trex(id))));
    };
    expect(refusal(moov(MAX_TRACKS - 1))).toBeUndefined();
    expect(refusal(moov(MAX_TRACKS))).toBeUndefined();
    expect(refusal(moov(MAX_TRACKS + 1))).toEqual(['unsupported-layout', 'moov', 0]);
  });

  it('boxes in one another', () => {
    const nested = (depth: number): Uint8Array => (depth === 1 ? box('free') : box('meta', nested(depth - 1)));
    const dig = (parent: Box): Box => parent.children().map(dig)[0] ?? parent;
    expect(dig(Box.at(nested(MAX_BOX_DEPTH), 0)).type).toBe('free');
    expect(() => dig(Box.at(nested(MAX_BOX_DEPTH + 1), 0))).toThrow('More than 16 boxes in one another');
  });

  it('boxes side by side', () => {
    const moof = (count: number): Uint8Array => box('moof', fullBox('mfhd', 0, 0, u32(1)), new Uint8Array(joinBytes(Array<Uint8Array>(count - 1).fill(box('free')))));
    expect(refusal(...INIT, moof(MAX_CHILD_BOXES))).toBeUndefined();
    expect(refusal(...INIT, moof(MAX_CHILD_BOXES + 1))).toEqual(['malformed-media', 'moof', joinBytes(INIT).length]);
  });

  it('boxes in all tracks of a moov together', () => {
    const padded = (id: number, boxes: number): Uint8Array => {
      const entry = id === mp4.VIDEO ? mp4.videoTrak : mp4.audioTrak;
      return box('trak', entry.subarray(8), ...Array<Uint8Array>(boxes).fill(box('free')));
    };
    const moov = (boxes: number): Uint8Array => box('moov', mp4.mvhd(), padded(1, 4_000), padded(2, boxes), box('mvex', mp4.trex(1), mp4.trex(2)));
    // mvhd, mvex and its two boxes; and of each track, itself and the eleven in it.
    const room = MAX_BOXES - 4 - 2 * 11 - 4_000;
    expect(refusal(moov(room))).toBeUndefined();
    expect(refusal(moov(room + 1))).toEqual(['malformed-media', expect.stringContaining('moov'), expect.any(Number)]);
  });

  it('boxes in all track fragments of a moof together', () => {
    const traf = (boxes: number): Uint8Array => box('traf', mp4.tfhd(2), ...Array<Uint8Array>(boxes - 1).fill(box('free')));
    const moof = (boxes: number): Uint8Array => box('moof', fullBox('mfhd', 0, 0, u32(1)), traf(MAX_CHILD_BOXES / 2), traf(boxes));
    const init = box('moov', mp4.mvhd(), mp4.videoTrak, mp4.trak({ id: 2, handler: 'text', entry: mp4.TIMECODE_ENTRY }), box('mvex', mp4.trex(VIDEO), mp4.trex(2)));
    expect(refusal(init, moof(MAX_CHILD_BOXES / 2))).toBeUndefined();
    expect(refusal(init, moof(MAX_CHILD_BOXES / 2 + 1))).toEqual(['malformed-media', 'moof', init.length]);
  });

  it('the descriptions of a track', () => {
    const moov = (count: number): Uint8Array => {
      const entries = joinBytes(Array<Uint8Array>(count).fill(mp4.AVC_ENTRY));
      return box('moov', mp4.mvhd(), mp4.trak({ id: VIDEO, handler: 'vide', entry: entries }), box('mvex', mp4.trex(VIDEO)));
    };
    expect(refusal(moov(MAX_SAMPLE_DESCRIPTIONS))).toBeUndefined();
    expect(refusal(moov(MAX_SAMPLE_DESCRIPTIONS + 1))).toEqual(['unsupported-layout', 'moov/trak/mdia/minf/stbl/stsd', expect.any(Number)]);
  });

  it('reads the boxes in a box once, however often it is asked for them', () => {
    const moov = Box.at(mp4.VIDEO_MOOV, 0);
    const inner = moov.child('trak').child('mdia').child('minf').inner;
    expect(moov.children()).toBe(moov.children());
    expect(moov.child('trak').child('mdia').child('minf').inner).toBe(inner);
  });

  it('does not dig into boxes that hold themselves a hundred thousand times', () => {
    for (const type of ['moov', 'trak', 'mdia', 'mvex']) {
      const depth = 100_000;
      const hole = joinBytes(Array.from({ length: depth }, (_, i) => mp4.header(type, 8 * (depth - i))));
      const mdia = box('mdia', fullBox('mdhd', 0, 0, u32(0), u32(0), u32(1000), u32(0), u32(0)), fullBox('hdlr', 0, 0, u32(0), mp4.hex('76696465'), new Uint8Array(13)), box('minf', box('stbl', fullBox('stsd', 0, 0, u32(1), mp4.AVC_ENTRY))), hole);
      const tkhd = fullBox('tkhd', 0, 3, new Uint8Array(8), u32(VIDEO), new Uint8Array(68));
      const { inits, error } = parseMp4([box('moov', mp4.mvhd(), box('trak', tkhd, mdia), box('mvex', mp4.trex(VIDEO)))]);
      expect(error).toBeUndefined();
      expect(inits).toHaveLength(1);
    }
  });

  it('refuses video without width or height', () => {
    const sized = (digits: string): Uint8Array => {
      const entry = mp4.AVC_ENTRY.slice();
      entry.set(mp4.hex(digits), 32);
      return box('moov', mp4.mvhd(), mp4.trak({ id: VIDEO, handler: 'vide', entry }), box('mvex', mp4.trex(VIDEO)));
    };
    expect(refusal(sized('0001 0001'))).toBeUndefined();
    expect(refusal(sized('0000 0001'))).toEqual(['malformed-media', 'moov/trak/mdia/minf/stbl/stsd/avc1', expect.any(Number)]);
    expect(refusal(sized('0001 0000'))?.[0]).toBe('malformed-media');
  });

  it('refuses a box without a size inside of another', () => {
    expect(refusal(box('moov', mp4.mvhd(), mp4.hex('00000000 74726164')))).toEqual(['malformed-media', 'moov', 8 + mp4.mvhd().length]);
  });

  it.each([
    ['at 2^53 - 1 is skipped', '001fffff ffffffff', undefined],
    ['at 2^53 is refused', '00200000 00000000', 'malformed-media'],
    ['of all ones is refused', 'ffffffff ffffffff', 'malformed-media'],
    ['of 16 is an empty box', '00000000 00000010', undefined],
    ['of 15 is smaller than its header', '00000000 0000000f', 'malformed-media'],
    ['of 0 is smaller than its header', '00000000 00000000', 'malformed-media'],
  ])('a 64-bit size %s', (_, digits, code) => {
    expect(refusal(...INIT, mp4.hex('00000001 66726565'), mp4.hex(digits))?.[0]).toBe(code);
  });
});

describe('the path of a byte through Mp4Parser', () => {
  it('is one copy, into the array that is passed on behind its head room', () => {
    const seen: Chunk[] = [];
    const parser = new Mp4Parser({ init: () => undefined, chunk: (chunk) => seen.push(chunk) });
    parser.push(joinBytes(INIT));
    const input = mp4.fragment([{ id: VIDEO, time: 0, samples: [{ data: 'frame' }] }]);
    const whole = input.slice();
    parser.push(input.subarray(0, -2));
    input.fill(0, 0, -2); // What was taken is the parser's own.
    parser.push(input.subarray(-2));
    input.fill(0);
    expect([...seen[0]!.bytes]).toEqual([...whole]);
    expect(seen[0]!.bytes.byteOffset).toBe(HEAD_ROOM);
  });
});
