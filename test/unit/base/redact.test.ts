import { redact, redactLine } from '../../../src/base/redact';
import { cpuTime } from '../../support/cpu-time';

describe('redact', () => {
  it.each([
    ['rtsp://user:pass@cam/1: Connection refused', 'rtsp://…@cam/…: Connection refused'],
    ['Opening rtsp://user@cam and http://a:b@c:8080/d', 'Opening rtsp://…@cam and http://…@c:8080/…'],
    ['rtsp://user:p@ss@cam/1', 'rtsp://…@cam/…'],
    ["rtsp://user:p'ss@cam:554/", 'rtsp://…@cam:554/'],
    ['rtsp://user:p/ss@cam/1', 'rtsp://…/…'],
    ['Cannot open rtmp://host/live2/abcd-efgh-ijkl-mnop.', 'Cannot open rtmp://host/….'],
    ['rtmp://[2001:db8::1]:1935/app/key: I/O error', 'rtmp://[2001:db8::1]:1935/…: I/O error'],
    ['http://host#key', 'http://host/…'],
    ["'srt://host:9000?passphrase=secret&mode=caller' failed", "'srt://host:9000?…' failed"],
    ['https://cdn/live.m3u8?sig=abc and http://b/c?d=e', 'https://cdn/…?… and http://b/…?…'],
  ])('leaves no secret in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each(['rtsp://cam.local:554/', 'tcp://127.0.0.1:9: Connection refused', 'What now? mail@host', 'video.mp4: Invalid data found'])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('takes no time for a text that is nearly an address', () => {
    const text = 'a.'.repeat(100_000);
    let redacted = '';
    expect(cpuTime(() => (redacted = redact(text)))).toBeLessThan(1_000);
    expect(redacted).toBe(text);
  });
});

describe('redactLine', () => {
  it('leaves the key of a stream out of the words of a server, but no short words', () => {
    const input = { address: 'rtmp://host/live2/abcd-efgh-ijkl', protocol: 'rtmp' };
    expect(redactLine('Server error: Failed to play abcd-efgh-ijkl; live2 has no stream', input)).toBe('Server error: Failed to play …; live2 has no stream');
  });

  it('leaves the values of a query out likewise', () => {
    const input = { address: 'rtmp://host/live/cam?passphrase=abcd-efgh==&mode=caller', protocol: 'rtmp' };
    expect(redactLine('Failed to play cam?passphrase=abcd-efgh==&mode=caller', input)).toBe('Failed to play cam?passphrase=…&mode=caller');
  });

  it('leaves what is said of a file as it is', () => {
    expect(redactLine('recordings/film.mp4: Invalid data', { address: '/srv/recordings/film.mp4', protocol: undefined })).toBe('recordings/film.mp4: Invalid data');
  });
});
