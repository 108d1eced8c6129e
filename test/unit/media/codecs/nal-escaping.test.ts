import { unescapeNalUnit } from '../../../../src/media/codecs/nal-escaping';
import { hex, toHex } from '../../../support/webm-elements';

describe('unescapeNalUnit', () => {
  it('leaves out the header and the emulation prevention bytes', () => {
    expect(toHex(unescapeNalUnit(hex('67 000003 01 00000300 0003')))).toBe('00000100000000');
    expect(toHex(unescapeNalUnit(hex('4201 01 000003 02'), 2))).toBe('01000002');
  });

  it('gives nothing of what is no longer than its header', () => {
    expect(unescapeNalUnit(hex('67'))).toHaveLength(0);
    expect(unescapeNalUnit(hex('42'), 2)).toHaveLength(0);
  });
});
