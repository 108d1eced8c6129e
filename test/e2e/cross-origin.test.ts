import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connectPublisher, send } from '../support/publishing';
import { errorCode, push } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { refusedUpgrade, TestSocket } from '../support/test-socket';

const SITE = 'https://site.example';
const FRAME = 'https://frame.example';
const EVIL = 'https://evil.example';

let relay: TestRelay;
let publisher: TestSocket;

beforeAll(async () => {
  relay = await startRelay({ allowOrigins: [SITE], embedOrigins: [FRAME] });
  const { init, fragments } = await sampleMedia();
  publisher = await connectPublisher(relay.wsUrl, 'cam');
  await send(publisher, init, ...fragments);
});

afterAll(async () => {
  publisher.socket.terminate();
  await relay.close();
});

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  const sent = request(relay.url + path, { method, headers, agent: false });
  sent.on('error', () => undefined);
  sent.end();
  const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number; headers: IncomingHttpHeaders; destroy(): void }];
  response.destroy();
  return { status: response.statusCode, headers: response.headers };
}

describe('a page of a site that is allowed', () => {
  it.each(['/hls/cam/index.m3u8?segments=1', '/watch/cam.mp4', '/player/sluice-video.js', '/api/streams', '/watch/absent.mp4'])('may read the answer of %s', async (path) => {
    const { headers } = await ask(path, { Origin: SITE });
    expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials'], headers['cross-origin-resource-policy']]).toEqual([SITE, undefined, 'same-origin']);
    expect(headers.vary).toContain('Origin');
  });

  it('has caches keep apart who asked, and how it was encoded', async () => {
    const { headers } = await ask('/hls/cam/media.m3u8?segments=1', { Origin: SITE });
    expect(headers.vary).toBe('Origin, Accept-Encoding');
  });

  it.each(['/hls/cam/index.m3u8?segments=1', '/api/streams', '/publish/cam'])('may ask first whether it may send a key to %s', async (path) => {
    const { status, headers } = await ask(path, { Origin: SITE, 'Access-Control-Request-Method': 'GET', 'Access-Control-Request-Headers': 'authorization' }, 'OPTIONS');
    expect([status, headers['access-control-allow-origin'], headers['access-control-max-age']]).toEqual([204, SITE, '600']);
    expect(headers['access-control-allow-headers']).toContain('Authorization');
  });

  it('may open sockets, and publish where the relay lets it', async () => {
    for (const path of ['/watch/cam', '/publish/other']) {
      const socket = await TestSocket.speaking(relay.wsUrl + path, { Origin: SITE });
      await socket.next(path === '/watch/cam' ? 'init' : 'ready');
      socket.socket.terminate();
    }
  });
});

describe('a page of any other site', () => {
  it.each(['/hls/cam/index.m3u8?segments=1', '/watch/cam.mp4', '/player/sluice-video.js', '/api/streams'])('may not read the answer of %s', async (path) => {
    for (const Origin of [EVIL, FRAME, 'null']) expect((await ask(path, { Origin })).headers['access-control-allow-origin']).toBeUndefined();
  });

  it('is refused a socket, a push, and what it asks first', async () => {
    for (const Origin of [EVIL, FRAME]) {
      expect((await refusedUpgrade(`${relay.wsUrl}/watch/cam`, { headers: { Origin } })).body.error.code).toBe('wrong-origin');
      for (const [method, path] of [['PUT', '/publish/other'], ['OPTIONS', '/api/streams']] as const) {
        const refused = await push(relay.url + path, '', { method, headers: { Origin, ...(method === 'OPTIONS' && { 'Access-Control-Request-Method': 'GET' }) } });
        expect([refused.status, errorCode(refused)]).toEqual([403, 'wrong-origin']);
      }
    }
  });
});

describe('a frame', () => {
  it('may show the page that plays on a site that may embed it, and no other page', async () => {
    const ancestors = async (path: string): Promise<string | undefined> => /frame-ancestors ([^;]+)/.exec((await ask(path)).headers['content-security-policy'] as string)?.[1];
    expect(await ancestors('/watch/cam')).toBe(`'self' ${FRAME}`);
    for (const path of ['/', '/publish/cam', '/nothing']) expect(await ancestors(path)).toBe("'self'");
  });
});

describe('a relay that allows no other site', () => {
  it('lets none read, load or show anything', async () => {
    const other = await startRelay();
    const { headers } = await fetch(`${other.url}/player/sluice-video.js`, { headers: { Origin: SITE } });
    expect([headers.get('access-control-allow-origin'), headers.get('cross-origin-resource-policy'), headers.get('x-frame-options')]).toEqual([null, 'same-origin', 'SAMEORIGIN']);
    await other.close();
  });
});
