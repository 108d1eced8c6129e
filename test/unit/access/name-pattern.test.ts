import fc from 'fast-check';
import { matchesName } from '../../../src/access/permissions';

describe('a pattern of names', () => {
  it.each<[string, string, boolean]>([
    ['cam', 'cam', true],
    ['cam', 'cam-1', false],
    ['*', 'anything', true],
    ['cam-*', 'cam-', true],
    ['cam-*', 'cam-1', true],
    ['cam-*', 'my-cam-1', false],
    ['*-hd', 'cam-hd', true],
    ['*-hd', 'cam-hd2', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-c-b', false],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['**', 'x', true],
    ['a.c', 'abc', false],
  ])('%s: %s is %p', (pattern, name, matches) => {
    expect(matchesName(pattern, name)).toBe(matches);
  });

  it('means what the regular expression means', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), maxLength: 8 });
    fc.assert(fc.property(pattern, text, (made, name) => {
      expect(matchesName(made, name)).toBe(new RegExp(`^${made.replaceAll('*', '.*')}$`).test(name));
    }));
  });
});
