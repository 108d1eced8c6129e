import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { enterMount, isBelow, mountOf, readMountPath, slashedTarget } from '../../../src/http/mount';

function requestFor(url: string): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { url });
}

describe('a mount path', () => {
  it.each([
    ['', ''],
    ['/', ''],
    ['/live', '/live'],
    ['/tv/live/', '/tv/live'],
    ['/a-b_c.d~', '/a-b_c.d~'],
  ])('%j means %j', (text, path) => expect(readMountPath(text)).toBe(path));

  it.each(['live', '//', '/a//b', '/..', '/a/../b', '/a b', '/a%2fb', '/a?b', '/a#b', '/ä'])('%j is none', (text) => {
    expect(() => readMountPath(text)).toThrow('"path" must be a path such as "/live"');
  });

  it.each(['/live', '/live/', '/live?a=b', '/live/watch/cam', '/live//x', '/live#x', 'http://any.example/live', 'HTTP://any.example/live/x'])('has %s below it', (url) => {
    expect(isBelow(requestFor(url), '/live')).toBe(true);
  });

  it.each(['/', '', '*', '/lively', '/LIVE/', '/a/live/', '//live/', '/l%69ve/', '/live%2fwatch', '/live\\watch', 'http://live/', 'ftp://any.example/live'])('hasn’t %j below it', (url) => {
    expect(isBelow(requestFor(url), '/live')).toBe(false);
  });

  it.each([
    ['/live/watch/cam?a=/live', '/watch/cam?a=/live'],
    ['/live', '/'],
    ['/live?token=k', '/?token=k'],
    ['http://any.example/live/x', 'http://any.example/x'],
  ])('is cut off %s', (url, rest) => {
    const request = requestFor(url);
    enterMount(request, '/live');
    expect([request.url, mountOf(request)]).toEqual([rest, '/live']);
  });

  it('alone leads to itself with a slash, relative to where a proxy may have it', () => {
    const target = (url: string, path: string): string | undefined => {
      const request = requestFor(url);
      enterMount(request, path);
      return slashedTarget(request);
    };
    expect([target('/tv/live?token=k', '/tv/live'), target('/live', '/live'), target('/live/', '/live'), target('/', '')]).toEqual(['live/?token=k', 'live/', undefined, undefined]);
  });
});
