import { request } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { needs } from '../support/needs';
import { connectPublisher, send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors, packets, sampleMedia, type SampleMedia } from '../support/sample-media';
import type { TestSocket } from '../support/test-socket';

const RECORDING = join(__dirname, '../fixtures/mediarecorder/webm-vp8-opus-kf1s');

let relay: TestRelay;
let media: SampleMedia;
let publisher: TestSocket;

beforeAll(async () => {
  media = await sampleMedia();
});

beforeEach(async () => {
  relay = await startRelay();
  publisher = await connectPublisher(relay.wsUrl, 'cam');
});

afterEach(async () => {
  publisher.socket.terminate();
  await relay.close();
});

function end(): void {
  publisher.tell({ type: 'end' });
}

async function bytes(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

async function errorCode(response: Response): Promise<string> {
  return ((await response.json()) as { error: { code: string } }).error.code;
}

describe('GET /watch/NAME.mp4', () => {
  needs('ffprobe', () => {
    it('streams a file that lasts as long as the stream, and decodes without a complaint', async () => {
      await send(publisher, media.init, ...media.fragments.slice(0, 100));
      const response = await fetch(`${relay.url}/watch/cam.mp4`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('video/mp4');
      expect(response.headers.get('cache-control')).toBe('no-store');
      await send(publisher, ...media.fragments.slice(100));
      end();
      const file = await bytes(response);
      expect(await decodeErrors(file)).toBe('');
      const video = (await packets(file)).filter(({ kind }) => kind === 'video');
      expect(video[0]?.keyframe).toBe(true);
      expect(video.length).toBeGreaterThan(15);
    });
  });

  it('answers a player that asks for a range of bytes with all that comes', async () => {
    await send(publisher, media.init, ...media.fragments);
    const response = await fetch(`${relay.url}/watch/cam.mp4`, { headers: { Range: 'bytes=0-' } });
    expect(response.status).toBe(200);
    expect(response.headers.get('accept-ranges')).toBeNull();
    end();
    expect(await decodeErrors(await bytes(response))).toBe('');
  });

  it('ends where a new epoch begins, if it is asked to', async () => {
    await send(publisher, media.init, ...media.fragments);
    const response = await fetch(`${relay.url}/watch/cam.mp4?continuous=0`);
    await send(publisher, media.init, ...media.fragments);
    expect(await decodeErrors(await bytes(response))).toBe('');
  });

  it('lets a viewer go that has gone away', async () => {
    await send(publisher, media.init, ...media.fragments);
    const leaving = new AbortController();
    await fetch(`${relay.url}/watch/cam.mp4`, { signal: leaving.signal });
    expect(relay.registry.get('cam')?.viewers).toBe(1);
    leaving.abort();
    await eventually('nobody watches', () => relay.registry.get('cam')?.viewers === 0);
  });

  it('answers HEAD without a viewer', async () => {
    await send(publisher, media.init, ...media.fragments);
    const response = await fetch(`${relay.url}/watch/cam.mp4`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'video/mp4']);
    expect(relay.registry.get('cam')?.viewers).toBe(0);
  });
});

describe('GET /watch/NAME.webm', () => {
  it('streams WebM', async () => {
    const blobs = readdirSync(RECORDING).filter((file) => file.endsWith('.bin')).sort().map((file) => readFileSync(join(RECORDING, file)));
    await send(publisher, ...blobs.slice(0, 8));
    const response = await fetch(`${relay.url}/watch/cam.webm`);
    expect(response.headers.get('content-type')).toBe('video/webm');
    await send(publisher, ...blobs.slice(8));
    end();
    expect(await decodeErrors(await bytes(response))).toBe('');

    const other = await connectPublisher(relay.wsUrl, 'other');
    await send(other, ...blobs);
    const wrong = await fetch(`${relay.url}/watch/other.mp4`);
    expect(wrong.status).toBe(406);
    expect(await wrong.text()).toContain('/watch/other.webm');
    other.socket.terminate();
  });
});

describe('a progressive address', () => {
  it.each([
    ['/watch/nobody.mp4', 404, 'no-stream'],
    ['/watch/cam.mp4', 404, 'no-stream'],
    ['/watch/-.mp4', 400, 'bad-name'],
    ['/watch/a.b.webm', 400, 'bad-name'],
    ['/watch/cam.mp4?continuous=2', 400, 'bad-request'],
    ['/watch/a%20b.mp4', 400, 'bad-name'],
  ])('%s is refused with %i %s', async (path, status, code) => {
    const response = await fetch(relay.url + path);
    expect(response.status).toBe(status);
    expect(await errorCode(response)).toBe(code);
  });

  it('of the other container names the right one', async () => {
    await send(publisher, media.init, ...media.fragments);
    const response = await fetch(`${relay.url}/watch/cam.webm`);
    expect(response.status).toBe(406);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('wrong-container');
    expect(error.message).toContain('/watch/cam.mp4');
  });

  it('is not for the pages of other sites, nor for other hosts', async () => {
    await send(publisher, media.init, ...media.fragments);
    for (const headers of [{ Origin: 'https://evil.example' }, { Host: 'evil.example' }]) {
      const asked = request(`${relay.url}/watch/cam.mp4`, { headers }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      expect(response.statusCode).toBe(403);
      response.destroy();
    }
  });
});
