import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey, makeKey } from '../../src/access/access-key';
import { type Permissions, PERMISSIONS } from '../../src/access/permissions';
import { underAttack } from '../support/attacked-relay';
import { connectPublisher, send } from '../support/publishing';
import { rawRequest, statusesOf } from '../support/raw-request';
import { fixture } from '../support/recording';

/** What is held: only who may administer ends, disconnects, starts or stops anything or reads how it went; and asking for that costs nobody else. */
const keys = { steady: makeKey(), publisher: makeKey(), viewer: makeKey(), operator: makeKey() };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-administration-'));
  const entry = (id: keyof typeof keys, permissions: Partial<Permissions>): object => ({ id, hash: hashKey(keys[id]), ...PERMISSIONS.parse(permissions) });
  const list = [entry('steady', { publish: ['steady'] }), entry('publisher', { publish: ['*'] }), entry('viewer', { watch: ['*'] }), entry('operator', { admin: true, watch: ['*'] })];
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: list }), { mode: 0o600 });
});

afterAll(() => rmSync(folder, { recursive: true }));

const relay = underAttack(() => ({ flags: ['--keys', join(folder, 'keys.json'), '--api-rate', '600', '--source', 'door=rtsp://127.0.0.1:1/'], token: keys.steady }));

async function ask(method: string, path: string, ...headers: string[]): Promise<{ status: number; code: string | undefined }> {
  const { status, code } = await rawRequest(relay().port, [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', 'Content-Length: 0', ...headers]);
  return { status, code };
}

const bearer = (key: string): string => `Authorization: Bearer ${key}`;

const ADMINISTRATION = [
  ['DELETE', '/api/streams/steady'],
  ['GET', '/api/streams/steady/viewers'],
  ['DELETE', '/api/streams/steady/viewers/1'],
  ['GET', '/api/sources'],
  ['POST', '/api/sources/door/stop'],
  ['POST', '/api/sources/door/start'],
  ['GET', '/api/refusals'],
  ['GET', '/api/events'],
  ['GET', '/metrics'],
] as const;

describe('who may not administer', () => {
  it.each(ADMINISTRATION)('is refused %s %s, by whatever key, and as a page of another site', async (method, path) => {
    expect(await ask(method, path)).toEqual({ status: 401, code: 'not-authenticated' });
    expect(await ask(method, path, bearer(makeKey()))).toEqual({ status: 401, code: 'not-authenticated' });
    for (const key of [keys.publisher, keys.viewer, keys.steady]) expect(await ask(method, path, bearer(key))).toEqual({ status: 403, code: 'not-allowed' });
    // By the browser of somebody who may.
    if (method !== 'GET') expect(await ask(method, path, 'Origin: https://evil.example', `Cookie: sluice_token=${keys.operator}`)).toEqual({ status: 403, code: 'wrong-origin' });
  });

  it('does nothing by a method in disguise', async () => {
    for (const header of ['X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE']) {
      // By the key of somebody who may.
      expect((await ask('GET', '/api/streams/steady?_method=DELETE', header, bearer(keys.operator))).status).toBe(200);
      expect(await ask('POST', '/api/streams/steady?_method=DELETE', header, bearer(keys.operator))).toEqual({ status: 404, code: 'not-found' });
    }
  });
});

describe('who may administer', () => {
  it('is let in by every one of these doors', async () => {
    const answers: [method: string, path: string, status: number, code?: string][] = [
      ['GET', '/api/streams/steady/viewers', 200],
      ['GET', '/api/sources', 200],
      ['GET', '/api/refusals', 200],
      ['POST', '/api/sources/door/stop', 200],
      ['POST', '/api/sources/door/start', 200],
      ['GET', '/metrics', 200],
      // What isn't there, so that nothing ends.
      ['DELETE', '/api/streams/nobody', 404, 'no-stream'],
      ['DELETE', '/api/streams/steady/viewers/1000000', 404, 'no-viewer'],
    ];
    for (const [method, path, status, code] of answers) expect([method, path, await ask(method, path, bearer(keys.operator))]).toEqual([method, path, { status, code }]);
    const events = await fetch(`${relay().url}/api/events`, { headers: { Authorization: `Bearer ${keys.operator}` } });
    expect(events.status).toBe(200);
    await events.body?.cancel();
  });

  it.each(['..%2f..%2fetc%2fpasswd', '%00', 'a.b', '-i'])('names no stream and no source that is a path or an option: %s', async (name) => {
    for (const [method, path] of [['DELETE', `/api/streams/${name}`], ['GET', `/api/streams/${name}/snapshot.jpg`], ['POST', `/api/sources/${name}/start`]] as const) {
      expect(await ask(method, path, bearer(keys.operator))).toEqual({ status: 400, code: 'bad-name' });
    }
  });

  it('finds nothing by names that every object has', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(await ask('GET', `/api/streams/${name}`, bearer(keys.operator))).toEqual({ status: 404, code: 'no-stream' });
      expect(await ask('POST', `/api/sources/${name}/start`, bearer(keys.operator))).toEqual({ status: 404, code: 'no-source' });
    }
  });
});

describe('a flood', () => {
  it('of requests for pictures of one stream is answered by few pictures', async () => {
    const publisher = await connectPublisher(relay().wsUrl, 'film', `?token=${keys.publisher}`);
    await send(publisher, fixture('mp4/keyframe.mp4'));
    // Were each made for itself, those beyond the 2 that are made and the 50 that wait would be told "full".
    const paths = Array.from({ length: 1_000 }, () => `/api/streams/film/snapshot.jpg?token=${keys.viewer}`);
    expect(await statusesOf(relay().port, paths)).toEqual(new Map([[200, 1_000]]));
    publisher.tell({ type: 'end' });
    await publisher.closed;
  });

  it('of requests to the API is refused beyond its rate, and doesn’t touch media', async () => {
    const begun = performance.now();
    const statuses = await statusesOf(relay().port, Array.from({ length: 5_000 }, () => '/api/streams'));
    // 600 a minute, and as many at once.
    expect(statuses.get(200)).toBeLessThan(600 + (performance.now() - begun) / 100 + 100);
    expect(statuses.get(429)).toBeGreaterThan(0);
    expect((await ask('HEAD', '/watch/steady.mp4')).status).toBe(200);
  });
});
