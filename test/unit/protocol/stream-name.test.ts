import { isStreamName } from '../../../src/protocol/stream-name';

describe('a stream', () => {
  it.each(['a', '0', 'cam-1', 'A_b', 'x'.repeat(64)])('may be called %s', (name) => {
    expect(isStreamName(name)).toBe(true);
  });

  it.each(['', '-a', '_a', 'a.b', 'a b', 'a/b', 'a%20', 'ä', 'a\n', '\na', 'x'.repeat(65)])('may not be called %j', (name) => {
    expect(isStreamName(name)).toBe(false);
  });
});
