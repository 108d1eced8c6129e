import { isStreamName, shownName } from '../../../src/protocol/stream-name';

describe('a stream', () => {
  it.each(['a', '0', 'cam-1', 'A_b', 'x'.repeat(64)])('may be called %s', (name) => {
    expect(isStreamName(name)).toBe(true);
  });

  it.each(['', '-a', '_a', 'a.b', 'a b', 'a/b', 'a%20', 'ä', 'a\n', '\na', 'x'.repeat(65)])('may not be called %j', (name) => {
    expect(isStreamName(name)).toBe(false);
  });
});

describe('what is shown of a name that was asked for', () => {
  it.each([
    ['cam', 'cam'],
    ['a b/c', 'a b/c'],
    ['x'.repeat(100), 'x'.repeat(80)],
    // Who escapes the question mark has the query in the name.
    ['cam?token=secret', 'cam'],
    ['?token=secret', ''],
    ['cam%3Ftoken=secret', 'cam'],
  ])('is of %j %j', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });
});
