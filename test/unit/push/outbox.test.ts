import { allocateMedia, type Chunk, type InitSegment } from '../../../src/media/chunk';
import { Outbox } from '../../../src/push/outbox';

const INIT = { bytes: allocateMedia(10) } as InitSegment;

/** A frame of 0.1 s and `size` bytes; every tenth, from 0 on, is a keyframe. */
function frame(number: number, size = 10): Chunk {
  return { bytes: allocateMedia(size), joinable: number % 10 === 0, hasVideo: true, start: number / 10, end: (number + 1) / 10, spans: [] };
}

function filled(count: number, options: { maxBytes?: number; size?: number } = {}): Outbox {
  const outbox = new Outbox({ maxBytes: options.maxBytes ?? 1_000_000 });
  outbox.begin(INIT);
  for (let at = 0; at < count; at++) outbox.add(frame(at, options.size), 0);
  return outbox;
}

/** Sends so many, and gives their numbers. */
function send(outbox: Outbox, count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, at) => {
    const { head } = outbox;
    outbox.sent(from + (at + 1) * 10);
    return head === undefined ? -1 : Math.round(head.chunk.start * 10);
  });
}

describe('an outbox', () => {
  it('gives what waits, in order, and knows how long it is', () => {
    const outbox = filled(5);
    expect(outbox.waiting).toBeCloseTo(0.5);
    expect(send(outbox, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(outbox.head).toBeUndefined();
    expect(outbox.waiting).toBe(0);
  });

  it('begins again with the keyframe before what was not confirmed', () => {
    const outbox = filled(30);
    send(outbox, 27);
    outbox.confirm(150);
    outbox.rewind();
    expect(send(outbox, 2)).toEqual([10, 11]);
  });

  it('begins again with the next keyframe if all before it is confirmed', () => {
    const outbox = filled(30);
    send(outbox, 25);
    outbox.confirm(200);
    outbox.rewind();
    expect(send(outbox, 1)).toEqual([20]);
  });

  it('keeps the newest GOP when all is confirmed, so that a new connection can begin', () => {
    const outbox = filled(15);
    send(outbox, 15);
    outbox.confirm(150);
    outbox.rewind();
    expect(send(outbox, 5)).toEqual([10, 11, 12, 13, 14]);
  });

  it('drops whole GOPs, and counts them', () => {
    const outbox = filled(35);
    send(outbox, 5);
    expect(outbox.dropGop()).toBe(true);
    expect(outbox.head?.chunk.start).toBe(1);
    expect(outbox.dropGop()).toBe(true);
    expect(outbox.dropGop()).toBe(true);
    expect(outbox.head?.chunk.start).toBe(3);
    // The newest is whole, and is still wanted.
    expect(outbox.dropGop()).toBe(false);
    expect(outbox.dropped.gops).toBe(3);
    expect(outbox.dropped.seconds).toBeCloseTo(2.5);
  });

  it('drops the rest of a GOP whose beginning has gone out, and takes nothing before the next keyframe', () => {
    const outbox = filled(8);
    send(outbox, 5);
    expect(outbox.dropGop()).toBe(true);
    outbox.add(frame(8), 0);
    outbox.add(frame(9), 0);
    expect(outbox.head).toBeUndefined();
    outbox.add(frame(10), 0);
    expect(outbox.head?.chunk.start).toBe(1);
    expect(outbox.dropped.seconds).toBeCloseTo(0.5);
  });

  it('holds no more than its bound: what is sent is forgotten first, then old GOPs are dropped', () => {
    const outbox = filled(20, { maxBytes: 250 });
    send(outbox, 18);
    for (let at = 20; at < 27; at++) outbox.add(frame(at), 0);
    expect(outbox.dropped.gops).toBe(0);
    expect(send(outbox, 9, 180)).toEqual([18, 19, 20, 21, 22, 23, 24, 25, 26]);
    const waiting = filled(60, { maxBytes: 250 });
    expect(waiting.dropped.gops).toBeGreaterThan(2);
    expect(waiting.head?.chunk.joinable).toBe(true);
  });

  it('drops a GOP that is larger than its bound', () => {
    const outbox = filled(9, { maxBytes: 250, size: 100 });
    expect(outbox.head).toBeUndefined();
    outbox.add(frame(10, 100), 0);
    expect(outbox.head?.chunk.start).toBe(1);
  });

  it('is full when half of its bound waits', () => {
    expect(filled(12, { maxBytes: 250 }).isFull).toBe(false);
    const outbox = filled(13, { maxBytes: 250 });
    expect(outbox.isFull).toBe(true);
    send(outbox, 1);
    expect(outbox.isFull).toBe(false);
    outbox.rewind();
    expect(outbox.isFull).toBe(true);
    send(outbox, 12);
    outbox.confirm(120);
    for (let at = 13; at < 24; at++) outbox.add(frame(at), 0);
    expect(outbox.isFull).toBe(false);
    outbox.add(frame(24), 0);
    expect(outbox.isFull).toBe(true);
  });

  it('discards all that waits, and what follows it', () => {
    const outbox = filled(8);
    send(outbox, 5);
    outbox.discard();
    outbox.add(frame(8), 0);
    expect(outbox.head).toBeUndefined();
  });
});
