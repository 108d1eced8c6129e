import { underAttack } from '../support/attacked-relay';
import { rawRequest, UPGRADE } from '../support/raw-request';
import { streamInfo } from '../support/streams';
import { refusedUpgrade, TestSocket } from '../support/test-socket';

/** What is held: a page of another site can use nothing of the relay by the browser of somebody who may, on the relay's machine or with its cookie. */
const relay = underAttack();

const EVIL = [
  ['another site', 'https://evil.example'],
  ['a site that begins like the relay', 'http://127.0.0.1.evil.example'],
  ['a site that ends like the relay', 'http://evil127.0.0.1'],
  ['another port of this machine', 'http://127.0.0.1:1'],
  ['a sandbox or a file', 'null'],
  ['what is no origin', 'http://127.0.0.1@evil.example'],
  ['an empty word', ''],
] as const;

describe('a page of the relay itself', () => {
  it('opens sockets, and pushes', async () => {
    const headers = { Origin: relay().url };
    const viewer = await TestSocket.speaking(`${relay().wsUrl}/watch/steady`, headers);
    await viewer.next('init');
    const publisher = await TestSocket.speaking(`${relay().wsUrl}/publish/own`, headers);
    await publisher.next('ready');
    for (const { socket } of [viewer, publisher]) socket.terminate();
    // It has got in: its bytes are looked at.
    const answer = await rawRequest(relay().port, ['PUT /publish/pushed HTTP/1.1', `Host: 127.0.0.1:${relay().port}`, `Origin: ${relay().url}`, 'Content-Length: 12', 'Connection: close'], 'no container');
    expect(answer).toMatchObject({ status: 415, code: 'not-a-container' });
  });
});

describe('a page of another site', () => {
  it.each(EVIL)('opens no socket: %s', async (_what, origin) => {
    for (const path of ['/watch/steady', '/publish/cross']) {
      for (const protocols of [[], ['sluice.v1']]) {
        // Before the upgrade, whatever is offered: what was upgraded has sent the visitor's cookie already.
        const { status, body } = await refusedUpgrade(relay().wsUrl + path, { protocols, headers: { Origin: origin, Cookie: 'sluice_token=KEY' } });
        expect([status, body.error.code]).toEqual([403, 'wrong-origin']);
      }
    }
    expect(await streamInfo(relay().url, 'cross')).toBeUndefined();
  });

  it.each(EVIL)('pushes no media, neither as a form nor with fetch: %s', async (_what, origin) => {
    for (const [method, type] of [['POST', 'text/plain'], ['POST', 'multipart/form-data; boundary=x'], ['PUT', 'video/mp4']]) {
      const answer = await rawRequest(relay().port, [`${method} /publish/cross HTTP/1.1`, `Host: 127.0.0.1:${relay().port}`, `Origin: ${origin}`, `Content-Type: ${type}`, 'Content-Length: 5', 'Connection: close'], 'media');
      expect(answer).toMatchObject({ status: 403, code: 'wrong-origin' });
    }
    expect(await streamInfo(relay().url, 'cross')).toBeUndefined();
  });

  it.each(EVIL)('reads nothing of the API and the metrics: %s', async (_what, origin) => {
    for (const path of ['/api/streams', '/metrics', '/health/ready']) {
      const answer = await rawRequest(relay().port, [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${relay().port}`, `Origin: ${origin}`, 'Connection: close']);
      expect(answer.head).not.toMatch(/^Access-Control-Allow-(Origin|Credentials)/im);
    }
  });

  it('can’t show the relay’s pages in its own, to have somebody click what they don’t see', async () => {
    for (const path of ['/', '/publish/cam', '/watch/steady']) {
      const { headers } = await fetch(relay().url + path);
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'self'");
    }
  });

  it('whose name was made to point at this machine is answered nothing, over HTTP or a socket', async () => {
    for (const host of ['evil.example', `evil.example:${relay().port}`, '127.0.0.1.evil.example', '127.0.0.1@evil.example', '']) {
      for (const path of ['/', '/api/streams', '/watch/steady.mp4', '/metrics']) {
        const answer = await rawRequest(relay().port, [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Connection: close']);
        expect([host, path, answer.status, answer.code]).toEqual([host, path, 403, 'wrong-host']);
      }
      const upgrade = await rawRequest(relay().port, ['GET /publish/rebound HTTP/1.1', `Host: ${host}`, `Origin: http://${host}`, ...UPGRADE]);
      expect([upgrade.status, upgrade.code]).toEqual([403, 'wrong-host']);
    }
    const list = (...hosts: string[]) => rawRequest(relay().port, ['GET /api/streams HTTP/1.1', ...hosts.map((host) => `Host: ${host}`), 'Connection: close']);
    expect((await list('127.0.0.1')).status).toBe(200);
    // A browser sends one; of two nobody knows which counts.
    expect(await list('evil.example', '127.0.0.1')).toMatchObject({ status: 400, code: 'bad-request' });
    expect(await list('127.0.0.1', 'evil.example')).toMatchObject({ status: 400, code: 'bad-request' });
    expect((await list()).status).toBe(400);
  });
});
