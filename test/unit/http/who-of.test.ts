import { pathOf } from '../../../src/http/who-of';

const TIMELINE = 'r4nd0mNameOfATimeline0';
const SESSION = 's'.repeat(44);

function logged(url: string): string {
  return pathOf({ url });
}

describe('the path of a request in the log', () => {
  it.each([
    ['/watch/cam', '/watch/cam'],
    ['/watch/cam?token=secret', '/watch/cam'],
    ['/hls/cam/index.m3u8?session=secret', '/hls/cam/index.m3u8'],
    ['/hls/cam/media.m3u8', '/hls/cam/media.m3u8'],
    [`/hls/cam/${TIMELINE}/12.m4s`, '/hls/cam/…/12.m4s'],
    [`/hls/cam/${TIMELINE}/init1.mp4`, '/hls/cam/…/init1.mp4'],
    [`/hls/cam/${SESSION}/media.m3u8?token=secret`, '/hls/cam/…/media.m3u8'],
    [`/hls/cam/${SESSION}/${TIMELINE}/p12.m4s`, '/hls/cam/…/p12.m4s'],
    ['/publish/cam%3Ftoken=secret', '/publish/cam'],
    ['/publish/cam%3ftoken%3dsecret/x', '/publish/cam'],
    ['', ''],
    ['/', '/'],
    ['*', '*'],
    [`/${'x'.repeat(300)}`, `/${'x'.repeat(199)}`],
  ])('of %s is %s', (url, path) => {
    expect(logged(url)).toBe(path);
  });

  it.each([
    `/HLS/cam/${TIMELINE}/12.m4s`,
    `/Hls/cam/${SESSION}/${TIMELINE}/12.m4s`,
    `/%68ls/cam/${TIMELINE}/12.m4s`,
    `/%48LS/cam/${TIMELINE}/12.m4s`,
    `//hls/cam/${TIMELINE}/12.m4s`,
    `/hls//cam//${TIMELINE}//12.m4s`,
    `/./hls/cam/${TIMELINE}/12.m4s`,
    `/hls/cam/${TIMELINE}/12.m4s/`,
    `/hls/cam/${TIMELINE}`,
    `/hls/cam/${TIMELINE}%2F12.m4s`,
    `/hls%2Fcam%2F${TIMELINE}%2F12.m4s`,
    `/hls\\cam\\${TIMELINE}\\12.m4s#`,
    `/hls/cam/${TIMELINE}#/12.m4s`,
    `/hls/cam/${TIMELINE}/12.m4s#${SESSION}`,
    `/hls/cam/${TIMELINE};x/12.m4s`,
    `http://relay.example/hls/cam/${TIMELINE}/12.m4s`,
    `HTTP://relay.example:80//HLS/cam/${TIMELINE}/12.m4s`,
    `hls/cam/${TIMELINE}/12.m4s`,
    `/hls/%E0%A4%A/${TIMELINE}/12.m4s`,
    `/%E0%A4%A/hls/cam/${TIMELINE}/12.m4s`,
  ])('never holds what gives access to media: %s', (url) => {
    expect(logged(url)).not.toContain(TIMELINE);
    expect(logged(url)).not.toContain(SESSION);
  });
});
