import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { connectPublisher } from '../support/publishing';
import { errorCode, push } from '../support/push';
import { rawRequest, statusesOf, UPGRADE } from '../support/raw-request';
import type { StreamList } from '../../src/protocol/stream-info';
import { TestSocket } from '../support/test-socket';

/** What is held: a name is 64 letters, digits, "_" and "-" at most. It can be no path, no markup and no header, and by itself it costs nothing. */
const relay = underAttack({ flags: ['--publisher-idle', '600'] });

const HOST = 'Host: 127.0.0.1';
const CLOSE = 'Connection: close';
/** What no page or file of the relay holds, but files that an attacker would want do. */
const LOOT = /root:|"dependencies"|"scripts"|PRIVATE KEY|sluice-steady-secret/;

/** It is no name, no text, or no address that the relay has: never a name that nobody happens to use. */
const REFUSALS = ['400 bad-name', '400 bad-request', '404 not-found'];

async function streamNames(): Promise<string[]> {
  const { streams } = (await (await fetch(`${relay().url}/api/streams`)).json()) as StreamList;
  return streams.map(({ name }) => name);
}

const PATHS = [
  '../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%2e%2e/%2e%2e/package.json',
  '..%252f..%252fetc%252fpasswd',
  '..%5c..%5cpackage.json',
  '..;/..;/package.json',
  '%c0%ae%c0%ae%c0%afetc',
  '....//....//package.json',
  '/etc/passwd',
  '%2fetc%2fpasswd',
  'cam%00.mp4',
  'C:%5cWindows%5cwin.ini',
  '~root',
  'cam.m3u8%2f..%2f..',
];

describe('a name that is a path', () => {
  it.each(PATHS)('reads no file and creates no stream, wherever it stands: %s', async (path) => {
    for (const door of ['/watch/', '/publish/', '/hls/', '/player/', '/samples/', '/api/streams/', '/']) {
      const answer = await rawRequest(relay().port, [`GET ${door}${path} HTTP/1.1`, HOST, CLOSE]);
      expect(REFUSALS).toContain(`${answer.status} ${answer.code}`);
      expect(answer.body).not.toMatch(LOOT);
    }
    for (const door of ['/watch/', '/publish/']) {
      const upgrade = await rawRequest(relay().port, [`GET ${door}${path} HTTP/1.1`, HOST, ...UPGRADE]);
      expect(REFUSALS).toContain(`${upgrade.status} ${upgrade.code}`);
    }
    const pushed = await rawRequest(relay().port, [`PUT /publish/${path} HTTP/1.1`, HOST, 'Content-Length: 5', CLOSE], 'media');
    expect(REFUSALS).toContain(`${pushed.status} ${pushed.code}`);
    expect(await streamNames()).toEqual(['steady']);
  });

  it('is refused with its code also to who can be told only behind the upgrade', async () => {
    const client = await TestSocket.speaking(`${relay().wsUrl}/watch/..%2f..%2fetc%2fpasswd`);
    expect(await client.next('error')).toMatchObject({ code: 'bad-name' });
    expect((await client.closed).code).toBe(4400);
  });
});

describe('a name that is markup', () => {
  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['"><img src=x onerror=alert(1)>', '\\&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'],
    ["';alert(1);'", '&#39;;alert(1);&#39;'],
    ['{{remedy}}', '{{remedy}}'],
    ['${7*7}', '${7*7}'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['\u202Egnp.mac', '\u202Egnp.mac'],
    ['&lt;b&gt;', '&amp;lt;b&amp;gt;'],
  ])('is stored nowhere, and comes back as text only: %s', async (name, text) => {
    const path = encodeURIComponent(name);
    const refused = await push(`${relay().url}/publish/${path}`, 'media');
    expect([refused.status, errorCode(refused)]).toEqual([400, 'bad-name']);
    const ask = async (accept: string) => {
      const { status, headers, body } = await push(`${relay().url}/watch/${path}`, '', { method: 'GET', headers: { Accept: accept } });
      expect([status, headers['x-content-type-options']]).toEqual([400, 'nosniff']);
      return { type: headers['content-type'], body };
    };
    const page = await ask('text/html');
    expect(page.type).toMatch(/^text\/html/);
    expect(page.body).toContain(`&quot;${text}&quot;`);
    if (name !== text) expect(page.body).not.toContain(name);
    for (const accept of ['application/json', '*/*']) {
      // What is no page is shown as one by no browser.
      const { type, body } = await ask(accept);
      expect(type).toMatch(/^application\/json/);
      expect((JSON.parse(body) as { error: { message: string } }).error.message).toContain(JSON.stringify(name));
    }
    expect(await streamNames()).toEqual(['steady']);
  });

  it('can be run by no page, for all of them forbid scripts that stand in the page', async () => {
    for (const path of ['/', '/watch/steady', '/publish/steady', '/samples/', '/nothing', '/watch/%3Cb%3E', '/api/streams']) {
      const { headers } = await fetch(relay().url + path, { headers: { Accept: 'text/html' } });
      const policy = headers.get('content-security-policy') ?? '';
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? '';
      expect([path, scripts]).toEqual([path, expect.stringContaining("'self'")]);
      expect(policy).not.toContain('unsafe-eval');
      expect(scripts).not.toContain('unsafe-inline');
    }
  });
});

describe('line breaks in a request', () => {
  it.each(['%0d%0aSet-Cookie:%20a=b', '%0aSet-Cookie:%20a=b', '%E5%98%8A%E5%98%8DSet-Cookie:%20a=b'])('set no header, in the path or behind it: %s', async (breaks) => {
    for (const path of [`/watch/cam${breaks}`, `/publish/${breaks}`, `/watch/steady.mp4?token=${breaks}`, `/nothing?${breaks}`, `/samples${breaks}`, `/player?${breaks}`, `//evil.example${breaks}`]) {
      const { status, head } = await rawRequest(relay().port, [`HEAD ${path} HTTP/1.1`, HOST, CLOSE]);
      // The stream itself is no answer to a HEAD.
      expect([200, 301, 302, 400, 404]).toContain(status);
      expect(head).not.toMatch(/^Set-Cookie/im);
    }
  });

  it('write no line of the log', async () => {
    await rawRequest(relay().port, ['PUT /publish/x%0a%7B%22level%22:60%7D HTTP/1.1', HOST, 'Origin: http://evil.example', 'Content-Length: 0', CLOSE]);
    await rawRequest(relay().port, ['GET /nothing HTTP/1.1', 'Host: evil\u0085{"level":60}', CLOSE]);
    await eventually('both are in the log', () => relay().log.includes('wrong-origin') && relay().log.includes('wrong-host'));
    for (const line of relay().log.split('\n').filter((text) => text !== '')) expect((JSON.parse(line) as { level: number }).level).toBeLessThan(60);
  });

  it('of a bare kind are no line breaks of HTTP, and refused', async () => {
    expect((await rawRequest(relay().port, ['GET /watch/steady HTTP/1.1', `${HOST}\nX-Injected: 1`, 'X-Null: a\0b', CLOSE])).status).toBe(400);
  });
});

describe('ten thousand names', () => {
  it('that somebody asks for leave nothing behind', async () => {
    const paths = Array.from({ length: 10_000 }, (_, index) => `/watch/name-${index}.mp4`);
    expect(await statusesOf(relay().port, paths)).toEqual(new Map([[404, 10_000]]));
    expect(await streamNames()).toEqual(['steady']);
  });

  it('that somebody would publish are refused beyond the limit on streams, and given back', async () => {
    const publishers: TestSocket[] = [];
    // 100 may be at a time, and one of them is the steady one.
    for (let count = 1; count < 100; count++) publishers.push(await connectPublisher(relay().wsUrl, `name-${count}`));
    for (let count = 0; count < 50; count++) {
      const refused = await TestSocket.speaking(`${relay().wsUrl}/publish/more-${count}`);
      expect(await refused.next('error')).toMatchObject({ code: 'full' });
      expect((await refused.closed).code).toBe(4503);
    }
    for (const { socket } of publishers) socket.terminate();
    await eventually('only the steady stream is left', async () => (await streamNames()).length === 1);
    (await connectPublisher(relay().wsUrl, 'again')).socket.terminate();
  });
});
