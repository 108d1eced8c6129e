import { PushError } from '../../../src/push/push-error';
import { readTarget } from '../../../src/push/push-target';

const SESSION = 's'.repeat(32);

describe('the address of a push', () => {
  it.each([
    ['cam', 'ws://127.0.0.1:8080/publish/cam'],
    ['http://relay.example/publish/cam', 'ws://relay.example/publish/cam'],
    ['https://relay.example/publish/cam', 'wss://relay.example/publish/cam'],
    ['wss://relay.example:8443/live/publish/cam', 'wss://relay.example:8443/live/publish/cam'],
    ['ws://[::1]:9000/publish/cam', 'ws://[::1]:9000/publish/cam'],
  ])('%s is %s', (text, url) => {
    expect(readTarget(text, { session: SESSION })).toMatchObject({ name: 'cam', url: `${url}?session=${SESSION}`, token: undefined, exposed: false });
  });

  it('has a session of its own each time, or the one that it brings', () => {
    const [first, second] = [readTarget('cam').url, readTarget('cam').url];
    expect(first).toMatch(/\?session=[0-9a-f]{32}$/);
    expect(first).not.toBe(second);
    expect(readTarget('http://h/publish/cam?session=mine').url).toBe('ws://h/publish/cam?session=mine');
  });

  it.each(['https://publisher:k%40y@h/publish/cam', 'https://h/publish/cam?token=k%40y'])('loses the key that stands in it: %s', (text) => {
    const { url, label, token } = readTarget(text, { session: SESSION });
    expect({ url, label, token }).toEqual({ url: `wss://h/publish/cam?session=${SESSION}`, label: 'https://h/publish/cam', token: 'k@y' });
  });

  it('prefers the key that is given beside it', () => {
    expect(readTarget('https://h/publish/cam?token=a', { token: 'b' }).token).toBe('b');
  });

  it('knows when the key can be read on the way', () => {
    expect(readTarget('http://relay.example/publish/cam', { token: 'k' }).exposed).toBe(true);
    expect(readTarget('https://relay.example/publish/cam', { token: 'k' }).exposed).toBe(false);
    expect(readTarget('http://127.0.0.1/publish/cam', { token: 'k' }).exposed).toBe(false);
  });

  it.each(['', 'a.b', 'ftp://h/publish/cam', 'http://h/watch/cam', 'http://h/publish/', 'http://h/publish/a%2Fb', 'http://:0/publish/x', `http://u:secret@h/${'x'.repeat(999)}`])('refuses %j without telling a secret', (text) => {
    expect(() => readTarget(text)).toThrow(PushError);
    expect(() => readTarget(text)).not.toThrow(/secret/);
  });
});
