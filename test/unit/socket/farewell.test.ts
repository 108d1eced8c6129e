import fc from 'fast-check';
import { closeReason } from '../../../src/socket/farewell';

describe('the reason in a close frame', () => {
  it('is the text itself where that fits', () => {
    expect(closeReason('name-in-use: "cam"')).toBe('name-in-use: "cam"');
    expect(closeReason('x'.repeat(123))).toHaveLength(123);
  });

  it('is cut to 123 bytes, between characters', () => {
    expect(closeReason('x'.repeat(124))).toBe('x'.repeat(123));
    expect(closeReason('ä'.repeat(100))).toBe('ä'.repeat(61));
    expect(closeReason(`${'x'.repeat(122)}😀`)).toBe('x'.repeat(122));
  });

  it('is at most 123 bytes and a beginning of the text, whatever that is', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ä', '€', '😀', ' ', '"'), maxLength: 200 });
    fc.assert(
      fc.property(text, (whole) => {
        const reason = closeReason(whole);
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
        expect(whole.startsWith(reason)).toBe(true);
        if (Buffer.byteLength(whole) > 123) expect(Buffer.byteLength(reason)).toBeGreaterThan(119);
        else expect(reason).toBe(whole);
      }),
    );
  });
});
