import { EventEmitter } from 'node:events';
import { FrameCount } from '../../../src/socket/frame-count';

function setUp(): { frames: FrameCount; read: (length: number) => void } {
  const connection = new EventEmitter();
  const frames = new FrameCount(connection);
  return { frames, read: (length) => connection.emit('data', Buffer.alloc(length)) };
}

describe('the frames of a client', () => {
  it('are as many as its messages where each is one frame, however they are read', () => {
    const { frames, read } = setUp();
    let count = 0;
    for (const [length, header] of [[1, 6], [125, 6], [126, 8], [65_535, 8], [65_536, 14], [1_000_000, 14]] as const) {
      for (let left = length + header - 3; left > 0; left -= 65_536) read(Math.min(left, 65_536));
      count += frames.next(length);
      read(3);
    }
    expect(count).toBe(6);
  });

  it('are counted once where many messages come in one read', () => {
    const { frames, read } = setUp();
    let count = 0;
    for (let reads = 0; reads < 10; reads++) {
      for (let message = 0; message < 1_000; message++) count += frames.next(1);
      read(7_000);
    }
    expect(count).toBe(10_000);
  });

  it('are all counted where a message is cut into frames of a byte, or of none', () => {
    for (const [bytes, payload] of [[7, 10_000], [6, 0]] as const) {
      const { frames, read } = setUp();
      read(bytes * 10_000);
      expect(frames.next(payload)).toBeGreaterThanOrEqual(9_999);
    }
  });

  it('don’t count what belongs to a large message that is still coming', () => {
    const { frames, read } = setUp();
    for (let reads = 0; reads < 256; reads++) read(65_536);
    expect(frames.next((16 << 20) - 14)).toBe(1);
  });
});
