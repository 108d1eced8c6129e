import { readResume } from '../../../src/watch/watch-query';
import { codeOf } from '../../support/code-of';

describe('the place at which a viewer goes on', () => {
  it.each([
    ['', undefined],
    ['interval=20', undefined],
    ['epoch=e&position=0', { epoch: 'e', position: 0 }],
    ['position=999999999999999&epoch=%7E', { epoch: '~', position: 999_999_999_999_999 }],
  ])('in "%s" is %j', (query, place) => {
    expect(readResume(new URLSearchParams(query))).toEqual(place);
  });

  it.each(['epoch=e', 'position=0', 'epoch=&position=0', 'epoch=e&position=', 'epoch=e&position=-1', 'epoch=e&position=1.5', 'epoch=e&position=1e3', 'epoch=e&position=9007199254740993', 'epoch=a%20b&position=0', `epoch=${'e'.repeat(129)}&position=0`])(
    'is refused if it is half or malformed: %s',
    (query) => {
      expect(codeOf(() => readResume(new URLSearchParams(query)))).toBe('bad-request');
    },
  );
});
