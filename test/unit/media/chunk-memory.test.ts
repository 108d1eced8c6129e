import { checkMemory } from '../../../fuzz/check.mjs';
import { HEAD_ROOM } from '../../../src/media/chunk';
import { ChunkMemory, LARGEST_CUT, SLAB_SIZE } from '../../../src/media/chunk-memory';
import { frameOf } from '../../../src/socket/frame';

const LARGEST_SMALL = LARGEST_CUT - HEAD_ROOM;

describe('ChunkMemory', () => {
  it('gives every chunk head room and bytes of its own', () => {
    const memory = new ChunkMemory();
    const chunks = Array.from({ length: 500 }, (_, i) => memory.allocate((i * 37) % (LARGEST_SMALL + 100)).fill(i % 256));
    expect(() => checkMemory(chunks, HEAD_ROOM)).not.toThrow();
    expect(chunks.every((chunk, i) => chunk.every((byte) => byte === i % 256))).toBe(true);
  });

  it('lays small chunks side by side, and gives a large one a buffer of its own', () => {
    const memory = new ChunkMemory();
    const [first, second, large] = [memory.allocate(100), memory.allocate(LARGEST_SMALL), memory.allocate(LARGEST_SMALL + 1)];
    expect(second.buffer).toBe(first.buffer);
    expect(second.byteOffset).toBe(first.byteOffset + first.length + HEAD_ROOM);
    expect([large.byteOffset, large.buffer.byteLength]).toEqual([HEAD_ROOM, HEAD_ROOM + large.length]);
  });

  it('holds a slab for each 64 KiB of small chunks, and one for the last', () => {
    const memory = new ChunkMemory();
    const chunks = Array.from({ length: 1000 }, () => memory.allocate(1000));
    const slabs = new Set(chunks.map(({ buffer }) => buffer));
    expect([...slabs].every(({ byteLength }) => byteLength === SLAB_SIZE)).toBe(true);
    expect(slabs.size).toBe(Math.ceil(1000 / Math.floor(SLAB_SIZE / (1000 + HEAD_ROOM))));
  });

  it('lets every chunk be framed without a byte of another being written', () => {
    const memory = new ChunkMemory();
    const chunks = Array.from({ length: 500 }, (_, i) => memory.allocate((i * 37) % (LARGEST_SMALL + 100)).fill(i % 256));
    for (const chunk of chunks) frameOf(chunk);
    expect(chunks.every((chunk, i) => chunk.every((byte) => byte === i % 256))).toBe(true);
  });
});
