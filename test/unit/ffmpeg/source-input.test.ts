import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isRegularFile, readInput } from '../../../src/ffmpeg/source-input';

describe('readInput', () => {
  it('makes a path absolute, so that it is no option', () => {
    expect(readInput('cam', '-y.mp4')).toEqual({ address: resolve('-y.mp4'), label: '-y.mp4', protocol: undefined });
    expect(readInput('cam', '-')).toEqual({ address: resolve('-'), label: '-', protocol: undefined });
  });

  it('takes a file for a file, also if its name looks like an address', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'sluice-input-')), 'cam:1.mp4');
    writeFileSync(path, '');
    expect(readInput('cam', path)).toMatchObject({ address: path, protocol: undefined });
    expect(isRegularFile(readInput('cam', path))).toBe(true);
    expect(isRegularFile(readInput('cam', `${path}.not-there`))).toBe(false);
    expect(isRegularFile(readInput('cam', '/dev/null'))).toBe(false);
  });

  it.each(['rtsp://cam.local/1', 'http://host/live.m3u8', 'HTTPS://host/a.mp4', 'srt://host:9000', 'udp://239.0.0.1:5000', 'rtmp://host/app/key'])('takes %s', (address) => {
    expect(readInput('cam', address)).toMatchObject({ address, protocol: address.split(':')[0]?.toLowerCase() });
  });

  it.each([
    ['srt://0.0.0.0:9000?mode=listener', 'srt://0.0.0.0:9000?mode=listener', true],
    ['srt://0.0.0.0:9000?latency=200000&mode=listener', 'srt://0.0.0.0:9000?latency=200000&mode=listener', true],
    ['srt://encoder.local:9000?mode=caller', 'srt://encoder.local:9000?mode=caller', undefined],
    ['tcp://0.0.0.0:9001?listen', 'tcp://0.0.0.0:9001?listen', true],
    ['tcp://0.0.0.0:9001?listen=1', 'tcp://0.0.0.0:9001?listen=1', true],
    ['tcp://encoder.local:9001?listen=0', 'tcp://encoder.local:9001?listen=0', undefined],
    ['rtmp://0.0.0.0:1935/live/cam?listen=1', 'rtmp://0.0.0.0:1935/live/cam', true],
    ['rtmp://a.example/live/cam?key=1', 'rtmp://a.example/live/cam?key=1', undefined],
    ['http://cam.local/?listen=1', 'http://cam.local/?listen=1', undefined],
  ])('knows whether %s listens', (text, address, listens) => {
    expect(readInput('cam', text)).toMatchObject({ address });
    expect(readInput('cam', text).listens).toBe(listens);
  });

  it('calls an address by what of it is no secret', () => {
    expect(readInput('cam', 'rtsp://admin:p@ss@cam.local/1?token=abc').label).toBe('rtsp://…@cam.local/…?…');
    expect(readInput('cam', 'rtmp://a.example/live2/KEY').label).toBe('rtmp://a.example/…');
    expect(readInput('cam', 'rtmp://a.example/live2/A KEY').label).toBe('rtmp://a.example/…');
    expect(readInput('cam', 'srt:a.example:9000?passphrase=x').label).toBe('srt:…');
  });

  it.each(['pipe:0', 'concat:a.mp4|b.mp4', 'data:video/mp4;base64,AAAA', 'foo://bar', 'lavfi:testsrc'])('refuses %s', (address) => {
    expect(() => readInput('cam', address)).toThrow(`Cannot use --source cam=${address}: it must be a file, or an address of http, https, `);
  });
});
