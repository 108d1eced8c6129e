import { publisherHealth } from '../../../player/dashboard/publisher-health';
import type { StreamSample } from '../../../src/protocol/stream-detail';

/** One sample a second. */
const seconds = (...bitrates: number[]): StreamSample[] => bitrates.map((bitrate, index) => ({ at: index * 1_000, bitrate, viewers: 0 }));
const steady = (count: number, bitrate = 1e6): number[] => Array.from({ length: count }, () => bitrate);

describe('publisherHealth', () => {
  it('says of a publisher that is away that it may come back', () => {
    expect(publisherHealth({ state: 'held', samples: seconds(...steady(60)) })).toEqual({ level: 'bad', words: 'Broke off; may come back' });
  });

  it('says nothing of a stream that has just begun', () => {
    expect(publisherHealth({ state: 'live', samples: [] }).words).toBe('Just begun');
    expect(publisherHealth({ state: 'live', samples: seconds(0, 0, 5e6) }).words).toBe('Just begun');
  });

  it('calls an even bitrate steady', () => {
    expect(publisherHealth({ state: 'live', samples: seconds(...steady(60)) })).toEqual({ level: 'good', words: 'Steady' });
  });

  it('tells how long nothing has come', () => {
    expect(publisherHealth({ state: 'live', samples: seconds(...steady(20), 0, 0, 0, 0) })).toEqual({ level: 'bad', words: 'Nothing has come for 4 s' });
  });

  it('tells of gaps that are over', () => {
    expect(publisherHealth({ state: 'live', samples: seconds(...steady(20), 0, 0, 0, ...steady(20)) })).toEqual({ level: 'warn', words: '1 gap in the last 43 s' });
    const two = seconds(...steady(60), 0, 0, 0, ...steady(20), 0, 0, 0, ...steady(34));
    expect(publisherHealth({ state: 'live', samples: two }).words).toBe('2 gaps in the last 2 minutes');
  });

  it('takes a stream that sends a whole GOP at a time for what it is', () => {
    const everyEight = Array.from({ length: 80 }, (_none, second) => (second % 8 === 0 ? 8e6 : 0));
    expect(publisherHealth({ state: 'live', samples: seconds(...everyEight), gop: 8 }).words).toBe('Steady');
    expect(publisherHealth({ state: 'live', samples: seconds(...everyEight) }).level).toBe('bad');
  });

  it('tells when the bitrate has fallen, or risen, against its average', () => {
    expect(publisherHealth({ state: 'live', samples: seconds(...steady(95), ...steady(5, 2e5)) })).toEqual({ level: 'warn', words: 'Bitrate is 21 % of its average' });
    expect(publisherHealth({ state: 'live', samples: seconds(...steady(95), ...steady(5, 4e6)) })).toEqual({ level: 'warn', words: 'Bitrate is 3.5 times its average' });
  });
});
