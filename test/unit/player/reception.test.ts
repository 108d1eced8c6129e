import type { Flow } from '../../../player/video/feed-message';
import { Reception } from '../../../player/video/reception';

const VIDEO = { kind: 'video', codec: 'avc1.42E01E' } as const;
const AUDIO = { kind: 'audio', codec: 'mp4a.40.2' } as const;
const INIT = { type: 'init', epoch: 'e1', mime: 'video/mp4; codecs="avc1.42E01E"', tracks: [VIDEO], playable: true } as const;

function flow(about: Partial<Flow> = {}): { readonly type: 'flow'; readonly flow: Flow } {
  return { type: 'flow', flow: { start: 0, edge: 10, arrivals: undefined, pace: 0.04, bytes: 0, now: performance.now() / 1000, ...about } };
}

describe('Reception', () => {
  let reception: Reception;

  beforeEach(() => {
    jest.useFakeTimers();
    reception = new Reception();
  });
  afterEach(() => jest.useRealTimers());

  it('knows nothing before it has heard', () => {
    const { mime, epoch, tracks, liveEdge, pace, bitrate } = reception;
    expect({ mime, epoch, tracks, liveEdge, pace, bitrate }).toEqual({ mime: '', epoch: '', tracks: [], liveEdge: NaN, pace: 0, bitrate: NaN });
    expect(reception.latencyAt(0)).toBeNaN();
    expect(reception.view(0, 0)).toBeUndefined();
  });

  it('knows what is published, and whether that is seen and heard', () => {
    reception.hear(INIT);
    expect([reception.epoch, reception.mime, reception.hasPicture, reception.hasSound]).toEqual(['e1', INIT.mime, true, false]);
    reception.hear({ ...INIT, epoch: 'e2', tracks: [AUDIO] });
    expect([reception.epoch, reception.hasPicture, reception.hasSound]).toEqual(['e2', false, true]);
  });

  it('tells the latency of a position by when that was captured', () => {
    reception.hear({ type: 'clock', time: 10, wall: Date.now() });
    jest.advanceTimersByTime(500);
    expect(reception.latencyAt(10)).toBeCloseTo(0.5);
    expect(reception.latencyAt(10.4)).toBeCloseTo(0.1);
  });

  it('takes no clock of a timeline for that of the next', () => {
    reception.hear({ type: 'clock', time: 10, wall: Date.now() });
    reception.hear(INIT);
    expect(reception.latencyAt(10)).toBeNaN();
  });

  it('measures the bitrate of what comes', () => {
    for (let second = 0; second <= 2; second++) {
      reception.hear(flow({ bytes: second * 125_000 }));
      jest.advanceTimersByTime(1_000);
    }
    expect(reception.bitrate).toBeCloseTo(1e6);
  });

  it("puts a feed's times into those of the page, by the message that took the shortest time", () => {
    const arrivals = { lateness: 5, jitter: 0, interval: 0.04 };
    const view = (delay: number): number | undefined => {
      const event = flow({ arrivals: arrivals as unknown as Flow['arrivals'], now: performance.now() / 1000 - 100 - delay });
      reception.hear(event);
      return reception.view(9, 0)?.arrivals?.lateness;
    };
    expect(view(0.3)).toBeCloseTo(105.3);
    expect(view(0.01)).toBeCloseTo(105.01);
    expect(view(0.3)).toBeCloseTo(105.01);
  });

  it('forgets where the media is as there is a new media source, or the stream is over', () => {
    reception.hear(INIT);
    reception.hear(flow({ edge: 12 }));
    expect([reception.liveEdge, reception.pace]).toEqual([12, 0.04]);
    reception.hear({ type: 'ended' });
    expect(reception.liveEdge).toBeNaN();
    reception.hear(flow({ edge: 13 }));
    reception.hear({ type: 'source', attachment: { address: 'blob:x', managed: false } });
    expect(reception.liveEdge).toBeNaN();
    expect(reception.mime).toBe(INIT.mime);
  });
});
