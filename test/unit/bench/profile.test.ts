import { selfTimes } from '../../../bench/report/profile.mjs';

const node = (id: number, functionName: string, url = ''): { id: number; callFrame: { functionName: string; url: string; lineNumber: number } } => ({
  id,
  callFrame: { functionName, url, lineNumber: 9 },
});

describe('the time that functions take', () => {
  it('is their own share of what was not idle, the most first, also where a function was called from several places', () => {
    const profile = {
      nodes: [node(1, '(idle)'), node(2, 'write', 'file:///app/net/stream.js'), node(3, 'write', 'file:///app/net/stream.js'), node(4, '')],
      samples: [1, 2, 3, 4],
      timeDeltas: [1000, 10, 50, 40],
    };
    expect(selfTimes(profile)).toEqual([
      { name: 'write net/stream.js:10', share: 0.6 },
      { name: '(anonymous)', share: 0.4 },
    ]);
  });
});
