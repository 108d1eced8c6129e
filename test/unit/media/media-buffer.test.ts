import { HEAD_ROOM } from '../../../src/media/chunk';
import { ChunkMemory } from '../../../src/media/chunk-memory';
import { MediaBuffer, TRUSTED_SIZE } from '../../../src/media/media-buffer';

const capacity = (buffer: MediaBuffer): number => buffer.from(0).buffer.byteLength - HEAD_ROOM;

describe('MediaBuffer', () => {
  it('holds a small chunk in the one array that is passed on, with head room', () => {
    const buffer = new MediaBuffer(3, new ChunkMemory());
    const first = buffer.from(0).buffer;
    buffer.append(Uint8Array.of(1));
    buffer.append(Uint8Array.of(2, 3));
    const bytes = buffer.seal();
    expect([...bytes]).toEqual([1, 2, 3]);
    expect(bytes.buffer).toBe(first);
    expect(bytes.byteOffset).toBe(HEAD_ROOM);
  });

  it.each([
    ['under', TRUSTED_SIZE - 1, TRUSTED_SIZE - 1],
    ['at', TRUSTED_SIZE, TRUSTED_SIZE],
    ['over', TRUSTED_SIZE + 1, TRUSTED_SIZE],
    ['far over', 2 ** 40, TRUSTED_SIZE],
    ['without', Infinity, TRUSTED_SIZE],
  ])('allocates no more than is trusted at the word of a header: %s that size', (_, declared, allocated) => {
    expect(capacity(new MediaBuffer(declared, new ChunkMemory()))).toBe(allocated);
  });

  it('moves the bytes of a large chunk once, when as many have come as are trusted', () => {
    const size = 4 * TRUSTED_SIZE;
    const buffer = new MediaBuffer(size, new ChunkMemory());
    const arrays = new Set<ArrayBufferLike>();
    for (let at = 0; at < size; at += 1000) {
      buffer.append(new Uint8Array(Math.min(1000, size - at)).fill(at));
      arrays.add(buffer.from(0).buffer);
    }
    const bytes = buffer.seal();
    arrays.add(bytes.buffer);
    expect(arrays.size).toBe(2);
    expect(bytes).toHaveLength(size);
    expect(bytes.every((byte, at) => byte === (at - (at % 1000)) % 256)).toBe(true);
  });

  it('doubles where no size is declared, and is as large as its bytes in the end', () => {
    const buffer = new MediaBuffer(Infinity, new ChunkMemory());
    const arrays = new Set<ArrayBufferLike>();
    for (let i = 0; i < 1000; i++) {
      buffer.append(new Uint8Array(5000).fill(i));
      arrays.add(buffer.from(0).buffer);
    }
    expect(arrays.size).toBe(6);
    const bytes = buffer.seal();
    expect([bytes.byteOffset, bytes.buffer.byteLength, bytes.length]).toEqual([HEAD_ROOM, HEAD_ROOM + 5_000_000, 5_000_000]);
    expect(bytes[4999 * 1000]).toBe(Math.floor((4999 * 1000) / 5000) % 256);
  });
});
