import { Broadcast } from '../../../bench/clients/broadcast.mjs';
import { endlessPieces, initOf, piecesOf, WORKLOADS } from '../../../bench/media/live-media.mjs';
import { MediaParser } from '../../../src/media/media-parser';

const pieces = [100, 50, 200].map((size, index) => ({ at: index * 40, bytes: Buffer.alloc(size) }));

describe('a broadcast that is measured', () => {
  it('knows when the newest piece before a position was due', () => {
    const broadcast = new Broadcast(pieces, { warm: 0 });
    expect([0, 99, 100, 149, 150, 350].map((position) => broadcast.timeOf(position))).toEqual([0, 0, 0, 0, 40, 80]);
  });

  it('counts the pieces that a viewer has got whole, however many came in one message', () => {
    const broadcast = new Broadcast(pieces, { warm: 0 });
    expect(broadcast.note(0, 99, 0)).toBe(0);
    expect(broadcast.note(0, 150, 0)).toBe(2);
    expect(broadcast.note(2, 350, 0)).toBe(3);
    expect(broadcast.arrived).toBe(3);
  });

  it('measures no latency before it has run warm', async () => {
    const broadcast = new Broadcast(pieces, { warm: 40 });
    const sent: number[] = [];
    await broadcast.send({ send: ({ length }) => sent.push(length), end: () => Promise.resolve(), destroy: () => undefined, closed: false }, () => sent.push(0));
    expect(sent).toEqual([100, 0, 50, 200]);
    broadcast.note(0, broadcast.bytes, performance.now());
    expect(broadcast.latency.count).toBe(2);
  });
});

describe('the media of a workload', () => {
  it.each(WORKLOADS.map((workload) => [workload.name, workload] as const))('%s is what the relay cuts into the same pieces', (_name, workload) => {
    const sizes: number[] = [];
    const joinable: boolean[] = [];
    const parser = new MediaParser({
      init: () => undefined,
      chunk: (chunk) => {
        sizes.push(chunk.bytes.length);
        joinable.push(chunk.joinable);
      },
    });
    parser.push(initOf(workload));
    const all = piecesOf(workload, 2);
    for (const { bytes } of all) parser.push(bytes);
    parser.finish();
    expect(sizes).toEqual(all.map(({ bytes }) => bytes.length));
    const hasVideo = workload.tracks.some(({ video }) => video);
    expect(joinable).toEqual(all.map(({ video, key }) => (hasVideo ? video && key : true)));
    expect(all).toHaveLength(workload.tracks.reduce((sum, { rate }) => sum + 2 * rate, 0));
  });

  it('comes in order of time, without end', () => {
    let last = 0;
    let count = 0;
    for (const { at } of endlessPieces(WORKLOADS[1]!)) {
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
      if (++count === 500) break;
    }
  });
});
