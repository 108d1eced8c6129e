import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ffmpeg, FRAGMENTED, H264_AAC, makeFile, start, startFfmpeg, testPicture } from '../support/ffmpeg';
import { needs } from '../support/needs';
import { errorCode, openPush, push } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { decodeErrors } from '../support/sample-media';
import { goneStream, liveStream, streamInfo } from '../support/streams';
import { TestSocket } from '../support/test-socket';

const H264_AAC_MIME = /^video\/mp4; codecs="avc1\.[0-9A-Fa-f]{6}, ?mp4a\.40\.2"$/;

let relay: TestRelay;
let file: string;
let fragmented: string;

beforeAll(async () => {
  relay = await startRelay();
  file = await makeFile('plain.mp4', [...testPicture(3), ...H264_AAC]);
  fragmented = await makeFile('fragmented.mp4', ['-i', file, '-c', 'copy', '-movflags', FRAGMENTED]);
});

afterAll(() => relay.close());

/** Reads what the relay passes on until the stream ends, and says what ffmpeg has against it. */
async function errorsToTheEnd(viewer: TestSocket): Promise<string> {
  await viewer.closed;
  return decodeErrors(viewer.media);
}

/** Who waits for a stream: there before it, so that none is over too soon. */
function watch(name: string): Promise<TestSocket> {
  return TestSocket.speaking(`${relay.wsUrl}/watch/${name}`);
}

describe('ffmpeg pushes a file', () => {
  const mp4 = (movflags: string, ...more: string[]) => ['-c', 'copy', '-movflags', movflags, ...more, '-f', 'mp4'];
  it.each([
    ['by its default POST', 'post', mp4(FRAGMENTED)],
    ['by PUT', 'put', [...mp4(FRAGMENTED), '-method', 'PUT']],
    ['in fragments of one frame', 'frames', mp4(`${FRAGMENTED}+frag_every_frame`)],
    ['in fragments of a duration', 'duration', mp4('+empty_moov+default_base_moof', '-frag_duration', '200000')],
    ['with a moof for each track', 'separate', mp4(`${FRAGMENTED}+separate_moof`)],
    ['after asking with Expect: 100-continue', 'expect', [...mp4(FRAGMENTED), '-send_expect_100', '1']],
  ])('%s', (_how, name, output) => expectPassedOn(name, output));

  needs('ffmpeg 4.2', () => {
    it('as CMAF', () => expectPassedOn('cmaf', mp4(`${FRAGMENTED}+cmaf`)));
  });

  async function expectPassedOn(name: string, output: readonly string[]): Promise<void> {
    const viewer = await watch(name);
    const publisher = startFfmpeg(['-re', '-i', file, ...output, `${relay.url}/publish/${name}`]);
    const { mime, tracks } = await viewer.next('init');
    expect(mime).toMatch(H264_AAC_MIME);
    expect(tracks).toMatchObject([{ kind: 'video', width: 320, height: 240 }, { kind: 'audio' }]);
    expect(await errorsToTheEnd(viewer)).toBe('');
    expect(await publisher.ended).toMatchObject({ status: 0, stderr: '' });
    await goneStream(relay.url, name);
    expect(relay.logged).toContainEqual(expect.objectContaining({ message: 'Publisher has ended', fields: expect.objectContaining({ name }) }));
  }

  it('as WebM with VP9 and Opus', async () => {
    const encoders = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '15', '-c:a', 'libopus'];
    const viewer = await watch('webm');
    const publisher = startFfmpeg(['-re', '-i', file, ...encoders, '-f', 'webm', `${relay.url}/publish/webm`]);
    expect((await viewer.next('init')).mime).toMatch(/^video\/webm; codecs="vp0?9[.\d]*, ?opus"$/);
    expect(await errorsToTheEnd(viewer)).toBe('');
    expect(await publisher.ended).toMatchObject({ status: 0, stderr: '' });
  });
});

needs('curl', () => {
  describe('curl pushes a file', () => {
    it.each([
      ['of a known length', 'curl-length', []],
      ['in HTTP chunks', 'curl-chunked', ['-H', 'Transfer-Encoding: chunked']],
    ])('%s', async (_how, name, more) => {
      const viewer = await watch(name);
      const publisher = start('curl', ['-sS', '-T', fragmented, '--limit-rate', '300k', ...more, `${relay.url}/publish/${name}`]);
      expect((await viewer.next('init')).mime).toMatch(H264_AAC_MIME);
      expect(await errorsToTheEnd(viewer)).toBe('');
      const { status, stdout } = await publisher.ended;
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ name, bytes: (await readFile(fragmented)).length });
    });
  });
});

describe('a push', () => {
  it('lasts longer than a request may on a server of Node that has a limit', async () => {
    const limits = { requestTimeout: 200, headersTimeout: 100, connectionsCheckingInterval: 20 };
    const strict: Server = createServer(limits, (request) => request.resume());
    strict.listen(0, '127.0.0.1');
    await once(strict, 'listening');
    const patient = await startRelay({}, { server: limits });
    const media = await readFile(fragmented);
    const there = openPush(`http://127.0.0.1:${(strict.address() as AddressInfo).port}/`);
    const here = openPush(`${patient.url}/publish/long`);
    let sent = 0;
    const drip = setInterval(() => {
      here.request.write(media.subarray(sent, (sent += 500)));
      if (!there.request.destroyed) there.request.write('more');
    }, 20);

    // The control: such a limit does end a push.
    expect((await there.answer).status).toBe(408);
    // Once more, as long as that took.
    const again = openPush(`http://127.0.0.1:${(strict.address() as AddressInfo).port}/`);
    again.request.write('a body that never ends');
    expect((await again.answer).status).toBe(408);

    clearInterval(drip);
    here.request.end(media.subarray(sent));
    expect((await here.answer).status).toBe(200);
    strict.close();
    strict.closeAllConnections();
    await patient.close();
  });

  it('is refused while another has the name, which goes on', async () => {
    const media = await readFile(fragmented);
    const first = openPush(`${relay.url}/publish/taken`);
    first.request.write(media.subarray(0, media.length / 2));
    await liveStream(relay.url, 'taken');

    const second = await push(`${relay.url}/publish/taken`, media, { method: 'POST' });
    expect(second.status).toBe(409);
    expect(errorCode(second)).toBe('name-in-use');
    expect(second.headers['connection']).toBe('close');
    const line = ['-re', '-i', file, '-c', 'copy', '-movflags', FRAGMENTED, '-f', 'mp4', '-send_expect_100', '1', `${relay.url}/publish/taken`];
    expect((await ffmpeg(line)).stderr).toMatch(/409|4XX/);

    first.request.end(media.subarray(media.length / 2));
    expect((await first.answer).status).toBe(200);
    expect(relay.logged).toContainEqual(expect.objectContaining({ level: 'warn', message: 'Publisher is refused', fields: expect.objectContaining({ name: 'taken', code: 'name-in-use' }) }));
  });

  it('takes over from one of the same session, which is told so', async () => {
    const media = await readFile(fragmented);
    const address = `${relay.url}/publish/mine?session=0123456789abcdef0123456789abcdef`;
    const first = openPush(address);
    first.request.write(media.subarray(0, media.length / 2));
    await liveStream(relay.url, 'mine');
    const second = openPush(address);
    second.request.write(media.subarray(0, media.length / 2));
    const replaced = await first.answer;
    expect(replaced.status).toBe(410);
    expect(errorCode(replaced)).toBe('replaced');
    await liveStream(relay.url, 'mine');
    second.request.end(media.subarray(media.length / 2));
    expect((await second.answer).status).toBe(200);
  });

  it('with a malformed session is refused', async () => {
    const answer = await push(`${relay.url}/publish/short?session=1`, 'x');
    expect(answer.status).toBe(400);
    expect(errorCode(answer)).toBe('bad-request');
  });

  it('that breaks off leaves its stream held, and the name free', async () => {
    const media = await readFile(fragmented);
    const first = openPush(`${relay.url}/publish/broken`);
    first.request.write(media.subarray(0, media.length / 2));
    await liveStream(relay.url, 'broken');
    first.request.destroy();
    await expect(first.answer).rejects.toThrow();
    const next = openPush(`${relay.url}/publish/held`);
    next.request.destroy();
    const second = await push(`${relay.url}/publish/broken`, media);
    expect(second.status).toBe(200);
    expect(await streamInfo(relay.url, 'broken')).toBeUndefined();
  });

  it('that expects 100-continue is refused before it, and let in by it', async () => {
    const media = await readFile(fragmented);
    const first = openPush(`${relay.url}/publish/busy`);
    first.request.write(media.subarray(0, media.length / 2));
    await liveStream(relay.url, 'busy');
    expect(await firstAnswer('/publish/busy')).toMatch(/^HTTP\/1\.1 409 /);
    expect(await firstAnswer('/publish/bad.name')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await firstAnswer('/publish/proxied', 'Via: 1.1 proxy\r\n')).toMatch(/^HTTP\/1\.1 403 /);
    expect(await firstAnswer('/publish/free')).toMatch(/^HTTP\/1\.1 100 /);
    first.request.end(media.subarray(media.length / 2));
    expect((await first.answer).status).toBe(200);
  });
});

/** The first line of what the relay says to the head of a push. */
async function firstAnswer(path: string, headers = ''): Promise<string> {
  const socket = connect(relay.port, '127.0.0.1');
  socket.write(`PUT ${path} HTTP/1.1\r\nHost: 127.0.0.1:${relay.port}\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n${headers}\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return bytes.toString('latin1').split('\r\n', 1)[0]!;
}
