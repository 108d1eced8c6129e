import { redact } from '../../../../src/publish/ffmpeg/redact';

describe('redact', () => {
  it.each([
    ['rtsp://user:pass@cam/1: Connection refused', 'rtsp://…@cam/1: Connection refused'],
    ['Opening rtsp://user@cam and http://a:b@c:8080/d', 'Opening rtsp://…@cam and http://…@c:8080/d'],
    ['rtsp://user:p@ss@cam/1', 'rtsp://…@cam/1'],
    ["'srt://host:9000?passphrase=secret&mode=caller' failed", "'srt://host:9000?…' failed"],
    ['https://cdn/live.m3u8?sig=abc and http://b/c?d=e', 'https://cdn/live.m3u8?… and http://b/c?…'],
  ])('leaves no secret in %j', (text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each(['http://host/picture@2x.jpg', 'What now? mail@host', 'video.mp4: Invalid data found'])('leaves %j as it is', (text) => {
    expect(redact(text)).toBe(text);
  });
});
