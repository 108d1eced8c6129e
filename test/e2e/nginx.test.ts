import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { hashKey, makeKey } from '../../src/access/access-key';
import { PERMISSIONS } from '../../src/access/permissions';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import { eventually } from '../support/eventually';
import { FRAGMENTED, H264_AAC, startFfmpeg, testPicture } from '../support/ffmpeg';
import { needs } from '../support/needs';
import { startNginx, type TestNginx } from '../support/nginx';
import { answered, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { type SampleMedia, sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

const KEY = makeKey();

/** The relay as docs/tls.md says it is started behind nginx, and nginx by the lines that stand there. */
needs('nginx', () => {
  let folder: string;
  let relay: TestRelay;
  let nginx: TestNginx;
  let media: SampleMedia;
  const clients: TestSocket[] = [];

  beforeAll(async () => {
    media = await sampleMedia();
    folder = mkdtempSync(join(tmpdir(), 'sluice-proxied-'));
    const file = join(folder, 'keys.json');
    writeFileSync(file, JSON.stringify({ keys: [{ id: 'studio', hash: hashKey(KEY), ...PERMISSIONS.parse({ publish: ['*'], admin: true }) }] }));
    relay = await startRelay({ accessRule: { kind: 'keys', file }, trustProxy: ['loopback'], allowedHosts: ['relay.example'], maxViewersPerAddress: 1 });
    nginx = await startNginx(relay.port);
  });

  afterEach(() => {
    for (const { socket } of clients.splice(0)) socket.terminate();
  });

  afterAll(async () => {
    await nginx.close();
    await relay.close();
    rmSync(folder, { recursive: true });
  });

  /** What a browser says at https://relay.example, which is at nginx. */
  const HEADERS = { Host: 'relay.example', Origin: 'https://relay.example' };

  async function open(path: string, { from = '127.0.0.1', headers = {} }: { from?: string; headers?: Record<string, string> } = {}): Promise<TestSocket> {
    const socket = new WebSocket(`wss://127.0.0.1:${nginx.port}${path}`, [SUBPROTOCOL], { rejectUnauthorized: false, localAddress: from, headers: { ...HEADERS, ...headers } });
    const client = new TestSocket(socket);
    clients.push(client);
    await once(socket, 'open');
    return client;
  }

  async function fetchText(path: string, agent: Agent): Promise<string> {
    const request = get(`https://127.0.0.1:${nginx.port}${path}`, { rejectUnauthorized: false, agent, headers: { Host: 'relay.example' } });
    const [response] = (await once(request, 'response')) as [NodeJS.ReadableStream];
    return text(response);
  }

  async function publish(name: string): Promise<TestSocket> {
    const publisher = await open(`/publish/${name}?token=${KEY}`);
    await publisher.next('ready');
    return publisher;
  }

  describe('behind nginx, set up as docs/tls.md says', () => {
    it('pages publish and watch over a WebSocket', async () => {
      const publisher = await publish('cam');
      await send(publisher, media.init, ...media.fragments.slice(0, 20));
      const viewer = await open('/watch/cam');
      await viewer.next('init');
      await send(publisher, ...media.fragments.slice(20, 40));
      await answered(viewer);
      expect(viewer.media.includes(media.fragments[39]!)).toBe(true);
      publisher.tell({ type: 'end' });
    });

    it('a page of another site opens no socket, and nobody publishes without a key', async () => {
      const foreign = new WebSocket(`wss://127.0.0.1:${nginx.port}/watch/cam`, { rejectUnauthorized: false, headers: { ...HEADERS, Origin: 'https://evil.example' } });
      foreign.on('error', () => undefined);
      const [, response] = (await once(foreign, 'unexpected-response')) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(403);
      foreign.terminate();
      const stranger = await open('/publish/cam');
      expect(await stranger.next('error')).toMatchObject({ code: 'not-authenticated' });
    });

    it.each([
      ['in its address, sent at once', (port: number) => ['-auth_type', 'basic', `https://publisher:${KEY}@127.0.0.1:${port}/publish/film`]],
      ['behind it', (port: number) => [`https://127.0.0.1:${port}/publish/film?token=${KEY}`]],
    ])('what ffmpeg pushes with the key %s is watched while it still comes', async (_how, target) => {
      const line = ['-re', ...testPicture(), ...H264_AAC, '-movflags', `${FRAGMENTED}+frag_every_frame`, '-f', 'mp4', '-method', 'PUT', '-headers', 'Host: relay.example\r\n', '-tls_verify', '0', ...target(nginx.port)];
      const ffmpeg = startFfmpeg(line);
      const failed = ffmpeg.ended.then(({ stderr }): never => {
        throw new Error(`ffmpeg has ended: ${stderr}`);
      });
      const viewer = await open('/watch/film');
      // nginx would keep the first megabyte if it gathered: two minutes of this sound and picture are less.
      await Promise.race([viewer.mediaOf(50_000), failed]);
      failed.catch(() => undefined);
      ffmpeg.process.kill('SIGTERM');
      await ffmpeg.ended;
      await eventually('the stream is over', () => relay.registry.get('film')?.info?.state !== 'live');
    });

    it('a request for the next part of HLS is held, and answered when it comes', async () => {
      const publisher = await publish('hls');
      await send(publisher, media.init, ...media.fragments);
      const agent = new Agent({ keepAlive: true });
      const address = (await fetchText('/hls/hls/index.m3u8?segments=1', agent)).trim().split('\n').at(-1)!;
      const list = await fetchText(`/hls/hls/${address}`, agent);
      expect(list).toContain('#EXTM3U');
      const segments = list.split('\n').filter((line) => /^[^#].*\.m4s/.test(line)).length;
      const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)![1]) + segments;
      const part = [...list.slice(list.lastIndexOf('#EXTINF')).matchAll(/#EXT-X-PART:/g)].length;
      let held = true;
      const next = fetchText(`/hls/hls/${address}${address.includes('?') ? '&' : '?'}_HLS_msn=${sequence}&_HLS_part=${part}`, agent).finally(() => (held = false));
      // Another answer comes in the meantime.
      await fetchText(`/hls/hls/${address}`, agent);
      expect(held).toBe(true);
      await send(publisher, ...media.fragments.slice(-20));
      expect((await next).match(/#EXT-X-PART:/g)!.length).toBeGreaterThan(list.match(/#EXT-X-PART:/g)!.length);
      agent.destroy();
      publisher.tell({ type: 'end' });
    });

    it('viewers count by their own addresses, and by none that they make up', async () => {
      const first = await open('/watch/cam', { from: '127.0.0.2' });
      await first.next('waiting');
      const other = await open('/watch/cam', { from: '127.0.0.3' });
      await other.next('waiting');
      const again = await open('/watch/cam', { from: '127.0.0.2', headers: { 'X-Forwarded-For': '203.0.113.9', Forwarded: 'for=203.0.113.9' } });
      expect(await again.next('error')).toMatchObject({ code: 'too-many' });
    });
  });
});
