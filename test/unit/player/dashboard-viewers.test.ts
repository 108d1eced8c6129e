import { heatOf, heatOfSummary, heatWords } from '../../../player/dashboard/lag-heat';
import { nextOrder, orderViewers } from '../../../player/dashboard/viewer-order';
import type { ViewerInfo } from '../../../src/protocol/viewer-info';

const viewer = (id: string, more: Partial<ViewerInfo> = {}): ViewerInfo => ({ id, transport: 'sluice.v1', address: '192.0.2.7', since: 0, state: 'open', skips: 0, skippedBytes: 0, ...more });
const ids = (viewers: readonly ViewerInfo[]): string => viewers.map(({ id }) => id).join('');

describe('heatOf', () => {
  it('parts viewers by their lag, and names those of whom nothing is known', () => {
    const viewers = [
      viewer('a', { lag: 0 }), viewer('b', { lag: 1.1 }), viewer('c', { lag: 1.3 }), viewer('d', { lag: 1.7 }),
      viewer('e', { lag: 9, state: 'behind' }), viewer('f', { state: 'paused', lag: 0 }), viewer('g'),
    ];
    expect(heatOf(viewers).map(({ heat, count }) => [heat, count])).toEqual([['calm', 2], ['mild', 1], ['warm', 1], ['hot', 1], ['idle', 1], ['unknown', 1]]);
    expect(heatWords(heatOf(viewers.slice(0, 3)))).toBe('3 viewers: 2 keeping up, 1 up to 1.6 s late');
  });

  it('says that nobody watches', () => expect(heatWords(heatOf([]))).toBe('Nobody watches'));

  it('tells what a summary knows', () => {
    expect(heatWords(heatOfSummary(5, 2))).toBe('5 viewers: 3 keeping up, 2 behind');
    expect(heatWords(heatOfSummary(1, 0))).toBe('1 viewer: 1 keeping up');
    expect(heatWords(heatOfSummary(0, 0))).toBe('Nobody watches');
  });
});

describe('orderViewers', () => {
  const viewers = [viewer('a', { since: 1, lag: 1 }), viewer('b', { since: 2 }), viewer('c', { since: 3, lag: 3, skips: 2 }), viewer('d', { since: 4, lag: 1 })];

  it('orders by lag in either direction, those without any last', () => {
    expect(ids(orderViewers(viewers, { by: 'lag', descending: true }))).toBe('cadb');
    expect(ids(orderViewers(viewers, { by: 'lag', descending: false }))).toBe('adcb');
  });

  it('orders by skips, and by when they came', () => {
    expect(ids(orderViewers(viewers, { by: 'skips', descending: true }))).toBe('cabd');
    expect(ids(orderViewers(viewers, { by: 'since', descending: true }))).toBe('dcba');
  });

  it('turns round on the second click, and begins another column with the worst', () => {
    expect(nextOrder({ by: 'lag', descending: true }, 'lag')).toEqual({ by: 'lag', descending: false });
    expect(nextOrder({ by: 'lag', descending: false }, 'skips')).toEqual({ by: 'skips', descending: true });
  });
});
