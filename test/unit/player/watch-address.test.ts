import { watchAddress } from '../../../player/video/watch-address';

describe('watchAddress', () => {
  it.each([
    ['/watch/cam', 'http://relay:8080/embed/', 'ws://relay:8080/watch/cam'],
    ['/watch/cam?interval=40#x', 'https://relay/', 'wss://relay/watch/cam?interval=40'],
    ['https://other.example/watch/cam', 'http://relay/', 'wss://other.example/watch/cam'],
    ['ws://relay/watch/cam', 'https://page/', 'ws://relay/watch/cam'],
  ])('makes of %s on %s %s', (src, base, address) => {
    expect(watchAddress(src, base)?.href).toBe(address);
  });

  it.each([
    ['http://[', 'http://relay/'],
    ['ftp://relay/watch/cam', 'http://relay/'],
    ['/watch/cam', 'file:///page.html'],
    ['/watch/cam', 'about:blank'],
  ])('takes %s on %s for no address', (src, base) => {
    expect(watchAddress(src, base)).toBeUndefined();
  });
});
