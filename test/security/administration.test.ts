import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS, type Permissions } from '../../src/access/permissions';
import { underAttack } from '../support/attacked-relay';
import { rawRequest, statusesOf } from '../support/raw-request';

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
      for (const method of ['GET', 'POST']) await ask(method, '/api/streams/steady?_method=DELETE', header, bearer(keys.viewer));
    }
    expect((await ask('GET', '/api/streams/steady', bearer(keys.viewer))).status).toBe(200);
  });
});

describe('who may administer', () => {
  it.each(['..%2f..%2fetc%2fpasswd', '%00', 'a.b', '-i'])('names no stream and no source that is a path or an option: %s', async (name) => {
    for (const [method, path] of [['DELETE', `/api/streams/${name}`], ['GET', `/api/streams/${name}/snapshot.jpg`], ['POST', `/api/sources/${name}/start`]] as const) {
      expect([400, 404]).toContain((await ask(method, path, bearer(keys.operator))).status);
    }
  });

  it('finds nothing by names that every object has', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      expect(await ask('GET', `/api/streams/${name}`, bearer(keys.operator))).toEqual({ status: 404, code: 'no-stream' });
      expect((await ask('POST', `/api/sources/${name}/start`, bearer(keys.operator))).status).toBe(404);
    }
  });
});

describe('a flood', () => {
  it('of requests for pictures of one stream is answered by few pictures', async () => {
    const paths = Array.from({ length: 1_000 }, () => `/api/streams/steady/snapshot.jpg?token=${keys.viewer}`);
    const statuses = await statusesOf(relay().port, paths);
    expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(1_000);
    for (const status of statuses.keys()) expect([200, 404, 415, 422, 429, 503]).toContain(status);
  });

  it('of requests to the API is refused beyond its rate, and doesn’t touch media', async () => {
    const statuses = await statusesOf(relay().port, Array.from({ length: 5_000 }, () => '/api/streams'));
    expect(statuses.get(429)).toBeGreaterThan(4_000);
    expect((await ask('HEAD', '/watch/steady.mp4')).status).toBe(200);
  });
});
