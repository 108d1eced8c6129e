import { MediaError } from '../../../../src/media/media-error';
import { detectFraming, MAX_UNITS, type NalFraming, splitNalUnits } from '../../../../src/media/codecs/h264-nal-units';
import { joinBytes } from '../../../support/container-parser-contract';
import { annexB, AUD, IDR, lengthPrefixed, SLICE } from '../../../support/h264';
import { hex, toHex } from '../../../support/webm-elements';

const PLACE = { offset: 0, path: '' };
const split = (frame: Uint8Array, framing: NalFraming): string[] => splitNalUnits(frame, framing, PLACE).map(toHex);

describe('the NAL units of a frame', () => {
  it('are found between start codes of any length, without the zeros around them', () => {
    expect(split(hex('00000001 09f0 000001 658884 00000001 41 00000000'), 'annex-b')).toEqual(['09f0', '658884', '41']);
    expect(split(annexB(AUD, IDR), 'annex-b')).toEqual(['09f0', '658884']);
  });

  it('are found wherever their start codes are', () => {
    for (let before = 0; before < 12; before++) {
      for (const filler of [0x01, 0x41, 0x00]) {
        const first = Uint8Array.of(0, 0, 1, 0x41, ...new Uint8Array(before).fill(filler), 0x41);
        expect(split(joinBytes([first, hex('000001 658884')]), 'annex-b')).toEqual([toHex(first.subarray(3)), '658884']);
      }
    }
    expect(split(hex('000001 41 01000001 4201 0100000001 43 0001 0100 01'), 'annex-b')).toEqual(['4101', '420101', '430001010001']);
  });

  it('are no shorter for a 1 or zeros in their middle', () => {
    expect(split(hex('000001 65 0001 000300 01 02'), 'annex-b')).toEqual(['6500010003000102']);
  });

  it.each([1, 2, 3, 4] as const)('are found by lengths of %d bytes', (size) => {
    expect(split(lengthPrefixed([IDR, SLICE], size), size)).toEqual(['658884', '419a02']);
  });

  it('leave out empty ones', () => {
    expect(split(hex('00000000 00000001 41'), 4)).toEqual(['41']);
    expect(split(hex('000001 000001 41'), 'annex-b')).toEqual(['41']);
  });

  it('are refused if one is larger than its frame, without a start code, or too many', () => {
    expect(() => split(hex('00000005 41'), 4)).toThrow(MediaError);
    expect(() => split(hex('000000'), 4)).toThrow(MediaError);
    expect(() => split(hex('4142'), 'annex-b')).toThrow(MediaError);
    expect(() => split(new Uint8Array(40_000).map((_, at) => (at % 2 === 0 ? 1 : 0x41)), 1)).toThrow('More than 4096');
  });

  it('are counted with the empty ones, which take as long to find', () => {
    const starts = (count: number): Uint8Array => joinBytes([...Array<Uint8Array>(count - 1).fill(hex('000001')), hex('000001 41')]);
    expect(split(starts(MAX_UNITS), 'annex-b')).toEqual(['41']);
    expect(() => split(starts(MAX_UNITS + 1), 'annex-b')).toThrow('More than 4096');
    expect(() => split(new Uint8Array(4 * (MAX_UNITS + 1)), 4)).toThrow('More than 4096');
  });

  it('tell by themselves how they are framed', () => {
    expect(detectFraming(annexB(IDR), 4, PLACE)).toBe('annex-b');
    expect(detectFraming(hex('000001 65'), 4, PLACE)).toBe('annex-b');
    expect(detectFraming(lengthPrefixed([IDR, SLICE]), 4, PLACE)).toBe(4);
    // 258 bytes: the length begins like a start code.
    expect(detectFraming(Uint8Array.of(0, 0, 1, 2, ...new Uint8Array(258).fill(0x41)), 4, PLACE)).toBe(4);
    expect(() => detectFraming(hex('deadbeef'), 4, PLACE)).toThrow(MediaError);
  });
});
