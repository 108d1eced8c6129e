import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { errorCode, push } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';

const built = existsSync(join(packageRoot(), 'dist', 'player', 'dashboard.html'));

let relay: TestRelay;

beforeAll(async () => {
  relay = await startRelay();
});

afterAll(() => relay.close());

const get = (path: string, headers: Record<string, string> = {}) => push(`${relay.url}${path}`, '', { method: 'GET', headers });

describe('a page', () => {
  it.each(['/', '/watch/cam', '/publish/cam'])('is at %s, whatever Accept says, or says how it is built', async (path) => {
    for (const headers of [{}, { Accept: 'application/json' }, { Accept: 'video/mp4' }]) {
      const { status, headers: answered, body } = await get(path, headers);
      expect(status).toBe(built ? 200 : 503);
      expect(answered['content-type']).toBe(built ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8');
      expect(body).toContain(built ? '<!doctype html>' : 'npm run build');
    }
  });

  it('answers HEAD without a body', async () => {
    const { status, body, headers } = await push(`${relay.url}/`, '', { method: 'HEAD' });
    expect({ status, body }).toEqual({ status: built ? 200 : 503, body: '' });
    expect(Number(headers['content-length'])).toBeGreaterThan(0);
  });

  it.each(['/watch/a.b', '/publish/a.b', '/publish/-a', `/watch/${'a'.repeat(65)}`])('is not at %s: that is no name', async (path) => {
    const answer = await get(path);
    expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 400, code: 'bad-name' });
  });

  it('is not shown under the name of a foreign host', async () => {
    for (const path of ['/', '/watch/cam', '/api/streams', '/player/sluice-video.js', '/samples/']) {
      const answer = await get(path, { Host: 'evil.example:8080' });
      expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 403, code: 'wrong-host' });
    }
  });

  it('says what it may load, and not what serves it', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("frame-ancestors 'self'");
    expect(policy).toMatch(/;script-src 'self';/);
    expect(policy).toMatch(/;connect-src 'self' ws:\/\/127\.0\.0\.1:\d+ wss:\/\/127\.0\.0\.1:\d+;/);
    expect(policy.replace("style-src 'self' 'unsafe-inline'", '')).not.toContain('unsafe');
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
    expect(headers['permissions-policy']).toBe('camera=(self), microphone=(self), display-capture=(self)');
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['x-powered-by']).toBeUndefined();
  });
});

it.each(['/WATCH/cam', '/Publish/cam', '/HLS/cam/index.m3u8', '/API/streams', '/Metrics', '/hls/cam/INDEX.m3u8'])('nothing is at %s: case matters in addresses', async (path) => {
  const answer = await get(path);
  expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 404, code: 'not-found' });
});

describe('a browser that opens a wrong address', () => {
  const html = { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  it.each([
    ['/watch/%3Cb%3Ea.b', 400, 'bad-name', 'Cannot use &quot;&lt;b&gt;a.b&quot; as the name of a stream'],
    ['/nothing', 404, 'not-found', 'Cannot find GET &quot;/nothing&quot;'],
    ['/watch/nobody.mp4', 404, 'no-stream', 'Cannot find the stream &quot;nobody&quot;: nobody publishes it'],
  ])('is shown a page that says so, if the pages are built: %s', async (path, status, code, message) => {
    const answer = await get(path, html);
    expect(answer.status).toBe(status);
    if (!built) {
      expect(errorCode(answer)).toBe(code);
      return;
    }
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const word of [message, code]) expect(answer.body).toContain(word);
    expect(answer.body).not.toMatch(/\{\{|<script|<b>/);
  });
});

describe('an address', () => {
  it.each(['/nothing', '/player/nothing.js', '/player/../package.json', '/player/%2e%2e/server/cli/cli.js', '/samples/nothing', '/api'])('with nothing at it answers 404: %s', async (path) => {
    const answer = await get(path);
    expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 404, code: 'not-found' });
  });

  it('that takes no pushes answers them with 404', async () => {
    const answer = await push(`${relay.url}/watch/cam`, 'x'.repeat(1_000_000), { method: 'PUT' });
    expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 404, code: 'not-found' });
  });
});

describe('a request', () => {
  it('that expects what the relay doesn’t know is refused', async () => {
    const answer = await get('/', { Expect: '200-ok' });
    expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 400, code: 'bad-request' });
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('the API', () => {
  it('tells that there are no streams', async () => {
    const { status, headers, body } = await get('/api/streams');
    expect({ status, body: JSON.parse(body) as unknown }).toEqual({ status: 200, body: { streams: [] } });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('tells that the relay lives and is ready', async () => {
    for (const path of ['/health/live', '/health/ready']) {
      const answer = await get(path);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([200, expect.objectContaining({ status: 'ok' })]);
      expect(answer.headers['cache-control']).toContain('no-store');
    }
  });
});

describe('a relay that stops', () => {
  it('does so although a connection is open, and may be told twice', async () => {
    const other = await startRelay();
    const open = await fetch(`${other.url}/api/streams`);
    expect(open.status).toBe(200);
    await Promise.all([other.close(), other.close()]);
    await expect(fetch(`${other.url}/`)).rejects.toThrow();
  });
});
