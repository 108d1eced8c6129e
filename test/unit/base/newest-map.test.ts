import { NewestMap } from '../../../src/base/newest-map';

describe('a map of the newest', () => {
  it('forgets what was set first where there is too much', () => {
    const map = new NewestMap<number>(2);
    map.set('a', 1).set('b', 2).set('c', 3);
    expect([...map]).toEqual([['b', 2], ['c', 3]]);
  });

  it('takes what is set again for new', () => {
    const map = new NewestMap<number>(2);
    map.set('a', 1).set('b', 2).set('a', 3).set('c', 4);
    expect([...map]).toEqual([['a', 3], ['c', 4]]);
  });
});
