import { pageStream } from '../../../player/net/page-address';

it.each([
  ['/watch/cam', 'cam'],
  ['/live/watch/cam', 'cam'],
  ['/live/streams/cam/', 'cam'],
  ['/watch/watch', 'watch'],
])('the page at %s is about the stream %s', (pathname, name) => {
  expect(pageStream({ pathname })).toBe(name);
});
