import { namesOf, numberFrom, wholeFrom } from '../../../scripts/command-line.mjs';

describe('an option of a command', () => {
  it('that is a number is one from its least', () => {
    expect([numberFrom(0)('0'), numberFrom(0.1)('2.5')]).toEqual([0, 2.5]);
    for (const text of ['', ' ', '-1', 'nine', 'Infinity', '0.05']) expect(() => numberFrom(0.1)(text)).toThrow('It must be a number from 0.1.');
  });

  it('that is a whole number is nothing else', () => {
    expect(wholeFrom(1)('12')).toBe(12);
    for (const text of ['', '0', '1.5', '-1', '1e3', '0x10']) expect(() => wholeFrom(1)(text)).toThrow('It must be a whole number from 1.');
  });

  it('that is a list has only names that there are', () => {
    const read = namesOf(['ws', 'nchan']);
    expect([read('nchan,ws'), read('ws'), read('none')]).toEqual([['nchan', 'ws'], ['ws'], []]);
    expect(() => read('ws,nginx')).toThrow('There is no "nginx": it must be of ws, nchan.');
  });
});
