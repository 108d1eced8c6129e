import { readSession } from '../../../src/publish/session';
import { codeOf } from '../../support/code-of';

const SESSION = '0123456789abcdef';

describe('the session of a publisher', () => {
  it.each([
    ['/publish/cam', undefined],
    ['/publish/cam?', undefined],
    ['/publish/cam?other=1', undefined],
    ['/publish/session=0123456789abcdef', undefined],
    [`/publish/cam?session=${SESSION}`, SESSION],
    [`/publish/cam?a=1&session=${SESSION}&b=2`, SESSION],
    [`/publish/cam?session=${'_-aZ'.repeat(32)}`, '_-aZ'.repeat(32)],
  ])('in %s is %s', (url, session) => {
    expect(readSession(url)).toBe(session);
  });

  it.each(['', 'short', 'x'.repeat(129), `${SESSION}%20`, `${SESSION}%0A`, `${SESSION}?x`, `${SESSION}ä`])('is refused if it is "%s"', (session) => {
    expect(codeOf(() => readSession(`/publish/cam?session=${session}`))).toBe('bad-request');
  });
});
