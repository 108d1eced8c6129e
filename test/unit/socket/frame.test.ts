import { allocateMedia } from '../../../src/media/chunk';
import { frameOf } from '../../../src/socket/frame';

function media(size: number): Uint8Array {
  return allocateMedia(size).fill(7);
}

describe('frameOf', () => {
  it.each([
    [0, '8200'],
    [1, '8201'],
    [125, '827d'],
    [126, '827e007e'],
    [0xffff, '827effff'],
    [0x10000, '827f0000000000010000'],
  ])('heads a message of %i bytes with %s', (size, header) => {
    const frame = frameOf(media(size));
    expect(frame.subarray(0, header.length / 2).toString('hex')).toBe(header);
    expect(frame.length).toBe(header.length / 2 + size);
    expect(frame.subarray(header.length / 2).every((byte) => byte === 7)).toBe(true);
  });

  it('copies nothing: the frame is a view of the buffer that the bytes are in', () => {
    const bytes = media(300);
    expect(frameOf(bytes).buffer).toBe(bytes.buffer);
  });

  it('builds the frame of the same bytes once', () => {
    const bytes = media(300);
    expect(frameOf(bytes)).toBe(frameOf(bytes));
  });

  it('leaves the neighbours of bytes without head room alone', () => {
    const shared = new Uint8Array(40).fill(1);
    const frame = frameOf(shared.subarray(20, 30).fill(9));
    expect(frame.toString('hex')).toBe(`820a${'09'.repeat(10)}`);
    expect(shared.subarray(0, 20).every((byte) => byte === 1)).toBe(true);
  });
});
