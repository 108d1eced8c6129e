import { once } from 'node:events';
import { request } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS } from '../../src/access/permissions';
import type { Config } from '../../src/config/config';
import { startRelay, type TestRelay } from '../support/relay';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;
const sockets: TestSocket[] = [];

async function start(options: Partial<Config>): Promise<void> {
  relay = await startRelay({ allowedHosts: ['tv.example'], ...options });
}

async function watch(headers: Record<string, string>, path = '/watch/cam'): Promise<TestSocket> {
  const socket = await TestSocket.speaking(relay.wsUrl + path, headers);
  sockets.push(socket);
  return socket;
}

/** The status and the error code of a request with these headers, `Host` among them. */
async function ask(headers: Record<string, string>, { method = 'GET', path = '/watch/cam' } = {}): Promise<string> {
  const sent = request(relay.url + path, { method, headers });
  sent.end();
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  let body = '';
  for await (const part of response) body += String(part);
  return `${response.statusCode} ${/"code":"([a-z-]+)"/.exec(body)?.[1] ?? ''}`.trim();
}

afterEach(async () => {
  for (const { socket } of sockets.splice(0)) socket.terminate();
  await relay.close();
});

describe('a relay behind a trusted proxy', () => {
  it('counts viewers by the address that the proxy names', async () => {
    await start({ trustProxy: ['loopback'], maxViewersPerAddress: 1 });
    await (await watch({ 'X-Forwarded-For': '203.0.113.7' })).next('waiting');
    await (await watch({ 'X-Forwarded-For': '203.0.113.8' })).next('waiting');
    const second = await watch({ 'X-Forwarded-For': '10.9.9.9, 203.0.113.7' });
    expect((await second.next('error')).code).toBe('too-many');
  });

  it('reads Forwarded where it is told to', async () => {
    await start({ trustProxy: ['1'], proxyHeader: 'forwarded', maxViewersPerAddress: 1 });
    const headers = { 'X-Forwarded-For': '198.51.100.1' };
    await (await watch({ ...headers, Forwarded: 'for="[2001:db8::1]:99"' })).next('waiting');
    await (await watch({ ...headers, Forwarded: 'for="[2001:db8:0:1::1]"' })).next('waiting');
    expect((await (await watch({ ...headers, Forwarded: 'for="[2001:db8::2]"' })).next('error')).code).toBe('too-many');
  });

  it('names the client in its log', async () => {
    await start({ trustProxy: ['127.0.0.1'] });
    await ask({ 'X-Forwarded-For': '203.0.113.7', Origin: 'https://evil.example' }, { method: 'PUT', path: '/publish/cam' });
    expect(relay.logged.filter(({ level }) => level === 'warn').map(({ fields }) => fields['peer'])).toEqual(['203.0.113.7']);
  });

  it('takes pages for its own by the host and scheme that the proxy was asked by', async () => {
    await start({ trustProxy: ['loopback'] });
    const proxied = { Host: 'localhost', 'X-Forwarded-Host': 'tv.example', 'X-Forwarded-Proto': 'https' };
    await (await watch({ ...proxied, Origin: 'https://tv.example' })).next('waiting');
    for (const Origin of ['http://tv.example', 'http://localhost', 'https://evil.example']) {
      expect(await ask({ ...proxied, Origin }, { method: 'PUT', path: '/publish/cam' })).toBe('403 wrong-origin');
    }
  });

  it('is not fooled by a page whose own host was made to point at it, whatever headers it adds', async () => {
    await start({ trustProxy: ['loopback'] });
    expect(await ask({ Host: 'evil.example', 'X-Forwarded-Host': 'localhost' })).toBe('403 wrong-host');
    expect(await ask({ Host: 'localhost', 'X-Forwarded-Host': 'evil.example' })).toBe('403 wrong-host');
  });

  it.each([['loopback'], ['1']])('lets nobody publish without a rule of access, not even this machine: %s', async (trusted) => {
    await start({ trustProxy: [trusted] });
    const forged: Record<string, string>[] = [{}, { 'X-Forwarded-For': '127.0.0.1' }, { Host: 'localhost', 'X-Forwarded-For': '::1', 'X-Forwarded-Host': 'localhost' }];
    for (const headers of forged) {
      expect(await ask(headers, { method: 'PUT', path: '/publish/cam' })).toBe('403 publish-not-allowed');
      expect((await (await watch(headers, '/publish/cam')).next('error')).code).toBe('publish-not-allowed');
      expect(await ask(headers, { path: '/metrics' })).toBe('403 not-allowed');
    }
  });

  it('lets those publish whose key permits it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-proxy-'));
    const key = makeKey();
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [{ id: 'studio', hash: hashKey(key), ...PERMISSIONS.parse({ publish: ['cam'] }) }] }));
    await start({ trustProxy: ['loopback'], accessRule: { kind: 'keys', file } });
    rmSync(folder, { recursive: true });
    const publisher = await watch({ 'X-Forwarded-For': '203.0.113.7', Authorization: `Bearer ${key}` }, '/publish/cam');
    await publisher.next('ready');
  });
});

describe('a relay that trusts no proxy', () => {
  it('counts and names whoever connects, whatever a header says', async () => {
    await start({ maxViewersPerAddress: 1 });
    await (await watch({ 'X-Forwarded-For': '203.0.113.7' })).next('waiting');
    expect((await (await watch({ 'X-Forwarded-For': '203.0.113.8', Forwarded: 'for=203.0.113.9' })).next('error')).code).toBe('too-many');
  });

  it('goes by its own Host, whatever a header says', async () => {
    await start({});
    expect(await ask({ Host: 'localhost', Origin: 'https://tv.example', 'X-Forwarded-Host': 'tv.example' }, { method: 'PUT', path: '/publish/cam' })).toBe('403 wrong-origin');
  });
});
