import { Tally } from '../../../src/base/tally';

describe('a tally', () => {
  it('counts each kind until it has gone, once', () => {
    const tally = new Tally();
    const goes = tally.add('red');
    tally.add('red');
    tally.add('blue');
    expect([tally.of('red'), tally.of('blue'), tally.of('green'), tally.total, tally.kinds]).toEqual([2, 1, 0, 3, 2]);
    goes();
    goes();
    expect([tally.of('red'), tally.total, tally.kinds]).toEqual([1, 2, 2]);
  });

  it('keeps nothing of a kind of which there are none', () => {
    const tally = new Tally();
    tally.add('red')();
    expect([tally.total, tally.kinds]).toEqual([0, 0]);
  });
});
