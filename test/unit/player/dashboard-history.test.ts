import { sparklinePath } from '../../../player/dashboard/sparkline-path';
import { StreamHistory } from '../../../player/dashboard/stream-history';
import type { StreamInfo } from '../../../src/protocol/stream-info';

const cam = (bitrate: number, since = 0): StreamInfo => ({ name: 'cam', state: 'live', mime: 'video/mp4', tracks: [], bitrate, viewers: 1, since });

describe('StreamHistory', () => {
  it('keeps the last two minutes', () => {
    const history = new StreamHistory();
    for (let second = 0; second < 500; second++) history.note([cam(second)], second * 1_000);
    expect(history.of('cam')).toHaveLength(120);
    expect(history.of('cam').at(-1)).toEqual({ at: 499_000, bitrate: 499, viewers: 1 });
  });

  it('ignores what it has heard before', () => {
    const history = new StreamHistory();
    history.note([cam(1)], 2_000);
    history.note([cam(2)], 2_000);
    history.note([cam(3)], 1_000);
    expect(history.of('cam')).toEqual([{ at: 2_000, bitrate: 1, viewers: 1 }]);
  });

  it('believes what the relay has kept, and goes on from there', () => {
    const history = new StreamHistory();
    history.note([cam(5)], 4_000);
    history.note([cam(5)], 5_000);
    history.replace('cam', 0, [3_000, 4_000].map((at) => ({ at, bitrate: 7, viewers: 0 })));
    expect(history.of('cam').map(({ at, bitrate }) => [at, bitrate])).toEqual([[3_000, 7], [4_000, 7], [5_000, 5]]);
  });

  it('begins anew with another stream of the same name, and forgets one that is no more', () => {
    const history = new StreamHistory();
    history.note([cam(1)], 1_000);
    history.note([cam(2, 1_500)], 2_000);
    expect(history.of('cam')).toHaveLength(1);
    history.note([], 3_000);
    expect(history.of('cam')).toEqual([]);
  });
});

describe('sparklinePath', () => {
  it('draws nothing of fewer than two samples', () => {
    expect(sparklinePath([])).toBe('');
    expect(sparklinePath([{ at: 0, bitrate: 1, viewers: 0 }])).toBe('');
  });

  it('has the newest at its right edge, the highest at its top and nothing at its bottom', () => {
    const samples = [[0, 0], [60_000, 2e6], [120_000, 1e6]].map(([at, bitrate]) => ({ at: at!, bitrate: bitrate!, viewers: 0 }));
    expect(sparklinePath(samples)).toBe('M0.0 27.0L60.0 1.0L120.0 14.0');
  });

  it('draws a stream that sends nothing as a line at the bottom', () => {
    expect(sparklinePath([{ at: 0, bitrate: 0, viewers: 0 }, { at: 1_000, bitrate: 0, viewers: 0 }])).toBe('M119.0 27.0L120.0 27.0');
  });
});
