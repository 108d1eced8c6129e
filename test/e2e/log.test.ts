import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS } from '../../src/access/permissions';
import { type Config, toConfig } from '../../src/config/config';
import { type Relay, serve } from '../../src/server/serve';
import { createLog } from '../../src/base/create-log';
import { redactSecrets } from '../../src/base/redact';
import { eventually } from '../support/eventually';
import { push } from '../support/push';
import { sampleMedia } from '../support/sample-media';

let relay: Relay;
let lines: string[];

async function start(options: Partial<Config>): Promise<void> {
  lines = [];
  relay = await serve({ ...toConfig(), port: 0, demo: false, ...options }, createLog('debug', { write: (line) => void lines.push(line) }));
}

afterEach(() => relay.close());

/** All lines of one id, by their message. */
function told(id: string): string[] {
  return lines.map((line) => JSON.parse(line) as { id?: string; msg: string }).filter((line) => line.id === id).map(({ msg }) => msg);
}

function basic(password: string): string {
  return `Basic ${Buffer.from(`publisher:${password}`).toString('base64')}`;
}

describe('the log at its most talkative', () => {
  it('tells no credential, however and wherever it is brought', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-log-'));
    const key = makeKey();
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [{ id: 'studio', hash: hashKey(key), ...PERMISSIONS.parse({ publish: ['cam'] }) }] }));
    const source = { name: 'far', input: 'http://user:inputpassword@127.0.0.1:9/live?token=inputtoken', loop: false };
    await start({ accessRule: { kind: 'keys', file: join(folder, 'keys.json') }, private: true, sources: [source] });
    rmSync(folder, { recursive: true });
    const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg';
    const session = 'sessionsessionsession';
    const { init } = await sampleMedia();
    const ways: [string, Record<string, string>][] = [key, makeKey(), jwt].flatMap((secret): [string, Record<string, string>][] => [
      [`?token=${secret}&session=${session}`, {}],
      ['', { Authorization: `Bearer ${secret}` }],
      ['', { Authorization: basic(secret) }],
      ['', { Authorization: `Nonsense ${secret}` }],
      ['', { Cookie: `sluice_token=${secret}` }],
      [`?token=${secret}`, { Origin: 'http://evil.example' }],
      [`?token=${secret}`, { Host: 'evil.example' }],
      [`?token=${secret}&session=${secret}.`, {}],
    ]);
    for (const [query, headers] of ways) {
      for (const path of ['/publish/cam', '/publish/other', '/watch/cam', '/watch/no.name', '/nothing']) {
        await push(`${relay.url}${path}${query}`, init, { method: path.startsWith('/publish') ? 'PUT' : 'GET', headers });
        const socket = new WebSocket(`${relay.url.replace('http', 'ws')}${path}${query}`, 'sluice.v1', { headers });
        socket.on('error', () => undefined);
        socket.on('open', () => {
          socket.send(JSON.stringify({ type: 'token', token: jwt, id: 1 }));
          socket.send(`not json ${key}`);
          socket.close();
        });
        await new Promise((resolve) => socket.on('close', resolve));
      }
      for (const path of ['/hls/cam/index.m3u8', '/api/streams', '/metrics', '/watch/cam.mp4']) await push(`${relay.url}${path}${query}`, '', { method: 'GET', headers });
    }
    await eventually('the source has failed', () => lines.some((line) => line.includes('"far"')));
    await relay.close();
    const text = lines.join('');
    expect(lines.length).toBeGreaterThan(50);
    for (const secret of [key, jwt, session, 'inputpassword', 'inputtoken', Buffer.from(`publisher:${key}`).toString('base64')]) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/sluice_[\w-]{20}|eyJhb|token=[^…]/);
  });
});

describe('a line of the log', () => {
  it('has the id that the request was answered with', async () => {
    await start({});
    const { headers } = await push(`${relay.url}/publish/a.b`, 'x', { headers: { 'X-Request-Id': 'chosen' } });
    const id = String(headers['x-request-id']);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    await eventually('the request is over', () => told(id).length === 2);
    expect(told(id)).toEqual(['Publisher is refused', 'Request is over']);
  });

  it('has the same id for all that happens to one socket', async () => {
    await start({});
    const socket = new WebSocket(`${relay.url.replace('http', 'ws')}/publish/cam`, 'sluice.v1');
    const [[response]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])) as [[{ headers: Record<string, string> }], unknown];
    const id = response.headers['x-request-id']!;
    const { init, fragments } = await sampleMedia();
    for (const part of [init, ...fragments]) socket.send(part);
    socket.send(JSON.stringify({ type: 'end' }));
    await once(socket, 'close');
    expect(told(id)).toEqual(['Socket asks to come in', 'Publisher is live', 'Publisher has ended']);
  });

  it('has the id that a trusted proxy chose, if it is one', async () => {
    await start({ trustProxy: ['loopback'] });
    const idOf = async (id: string) => (await push(`${relay.url}/health/live`, '', { method: 'GET', headers: { 'X-Request-Id': id } })).headers['x-request-id'];
    expect(await idOf('abc-123.def:4_5')).toBe('abc-123.def:4_5');
    for (const id of ['x'.repeat(65), 'a b', '<script>', 'a"b']) expect(await idOf(id)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('hides the name that lets read the media of HLS', async () => {
    await start({});
    await push(`${relay.url}/hls/cam/abcdefghijklmnopqrstuv/p1.m4s`, '', { method: 'GET' });
    await eventually('it is told', () => lines.some((line) => line.includes('/hls/cam/…/p1.m4s')));
    expect(lines.join('')).not.toContain('abcdefghijklmnopqrstuv');
  });
});

describe('what others say', () => {
  beforeEach(() => start({}));

  it.each([
    ['"url":"rtmp://host/live?token=abc&x=1"', '"url":"rtmp://host/live?token=…&x=1"'],
    ['cannot fetch https://user:pass@host/', 'cannot fetch https://…@host/'],
    ['authorization: Bearer abcdefghijk', 'authorization: Bearer …'],
    ['WWW-Authenticate: Basic realm="Sluice"', 'WWW-Authenticate: Basic realm="Sluice"'],
    ['"Publisher is live"', '"Publisher is live"'],
  ])('is told as %s', (line, redacted) => {
    expect(redactSecrets(line)).toBe(redacted);
  });
});

describe('a relay that stops', () => {
  it('is no longer ready from that moment on, and still alive', async () => {
    await start({});
    const ready = await push(`${relay.url}/health/ready`, '', { method: 'GET' });
    expect([ready.status, JSON.parse(ready.body)]).toEqual([200, expect.objectContaining({ status: 'ok', details: { relay: { status: 'up' } } })]);
    const asks = await Promise.all(['ready', 'live'].map(async (what) => {
      const socket = connect(relay.port, '127.0.0.1');
      await once(socket, 'connect');
      // A request that has begun, so that its connection isn't an idle one.
      socket.write(`GET /health/${what} HTTP/1.1\r\nHost: localhost\r\n`);
      return socket;
    }));
    await push(`${relay.url}/health/live`, '', { method: 'GET' });
    const closed = relay.close();
    const answers = asks.map(async (socket) => {
      socket.write('\r\n');
      return String((await once(socket, 'data'))[0]);
    });
    const [notReady, alive] = await Promise.all(answers);
    expect(notReady).toMatch(/^HTTP\/1\.1 503 /);
    expect(notReady).toContain('"restarting"');
    expect(alive).toMatch(/^HTTP\/1\.1 200 /);
    for (const socket of asks) socket.destroy();
    await closed;
  });
});
