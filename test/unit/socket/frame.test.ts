import { allocateMedia, type MediaBytes } from '../../../src/media/chunk';
import { frameOf } from '../../../src/socket/frame';

function media(size: number): MediaBytes {
  const bytes = allocateMedia(size);
  bytes.fill(7);
  return bytes;
}

/** Whether a value of this type may be framed: the compiler finds out. */
type MayBeFramed<Bytes> = Bytes extends MediaBytes ? true : false;

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

  it('takes bytes with head room alone, by their type: no part of them, no other array, and no Buffer', () => {
    const whole: MayBeFramed<MediaBytes> = true;
    const part: MayBeFramed<ReturnType<MediaBytes['subarray']>> = false;
    const copy: MayBeFramed<ReturnType<MediaBytes['slice']>> = false;
    const other: MayBeFramed<Uint8Array> = false;
    const buffer: MayBeFramed<Buffer> = false;
    expect([whole, part, copy, other, buffer]).toEqual([true, false, false, false, false]);
  });
});
