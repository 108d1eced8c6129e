import { BitReader } from '../../../src/media/bit-reader';
import { hex } from '../../support/mp4-boxes';

const reader = (digits: string): BitReader => new BitReader(hex(digits), { offset: 100, path: 'avcC' });

describe('BitReader', () => {
  it('reads numbers across bytes, the highest bit first', () => {
    const bits = reader('a5 ffffffff 80');
    expect([bits.bits(1), bits.bits(3), bits.flag(), bits.bits(0), bits.bits(3)]).toEqual([1, 2, false, 0, 5]);
    expect(bits.bits(32)).toBe(0xffffffff);
    expect(bits.remaining).toBe(8);
    bits.skip(3);
    bits.align();
    expect(bits.remaining).toBe(0);
  });

  it('reads Exp-Golomb numbers', () => {
    // 1 010 011 00100 00101, and as signed numbers.
    const digits = '1010011001000010 10000000'.replace(/\s/g, '').match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
    const unsigned = reader(digits);
    expect([unsigned.ue(), unsigned.ue(), unsigned.ue(), unsigned.ue(), unsigned.ue()]).toEqual([0, 1, 2, 3, 4]);
    const signed = reader(digits);
    expect([signed.se(), signed.se(), signed.se(), signed.se(), signed.se()]).toEqual([0, 1, -1, 2, -2]);
    expect(reader('00000001 fffffffe').ue()).toBe(2 ** 32 - 2);
  });

  it('never reads past the end, and says where that is', () => {
    expect(() => reader('ff').bits(9)).toThrow('9 bits wanted, 8 left (at byte 100, in avcC)');
    expect(() => reader('').skip(1)).toThrow('1 bits wanted, 0 left');
    expect(() => reader('0000').ue()).toThrow('1 bits wanted, 0 left (at byte 102, in avcC)');
    expect(() => reader('0000000000').ue()).toThrow('An Exp-Golomb number of more than 32 bits');
  });
});
