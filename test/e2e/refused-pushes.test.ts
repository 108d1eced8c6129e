import { once } from 'node:events';
import type { RefusalList } from '../../src/protocol/refusal-info';
import { ffmpeg, FRAGMENTED, H264_AAC, makeFile, testPicture } from '../support/ffmpeg';
import { push } from '../support/push';
import { openRaw, rawRequest, UPGRADE } from '../support/raw-request';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';

/** MP4 that is a plain file. */
const NOT_FRAGMENTED = Buffer.concat([Buffer.from('0000001466747970697 36f6d0000020069736f6d'.replaceAll(' ', ''), 'hex'), Buffer.from('000000086d646174', 'hex')]);

let relay: TestRelay;
let file: string;

beforeAll(async () => {
  relay = await startRelay();
  file = await makeFile('refused.mp4', [...testPicture(2), ...H264_AAC]);
});

afterAll(() => relay.close());

function refusalsLogged(name: string): unknown[] {
  return relay.logged.filter(({ message, fields }) => message === 'Publisher is refused' && fields['name'] === name).map(({ fields }) => fields['code']);
}

/** The head of a push, and what the relay says to it first. */
async function firstAnswer(name: string, { body = 'Transfer-Encoding: chunked', expect = true }: { body?: string; expect?: boolean } = {}): Promise<string> {
  const socket = openRaw(relay.port);
  socket.write([`PUT /publish/${name} HTTP/1.1`, `Host: 127.0.0.1:${relay.port}`, body, ...(expect ? ['Expect: 100-continue'] : []), '', ''].join('\r\n'));
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return bytes.toString('latin1');
}

describe('a push that states neither its length nor HTTP chunks', () => {
  it.each(['1.1', '1.0'])('gets one answer by HTTP/%s, which names the way out, though media follows at once', async (version) => {
    const media = await sampleMedia();
    const name = `lengthless-${version.replace('.', '-')}`;
    const answer = await rawRequest(relay.port, [`POST /publish/${name} HTTP/${version}`, `Host: 127.0.0.1:${relay.port}`], Buffer.concat([media.init, ...media.fragments]));
    expect(answer).toMatchObject({ status: 411, code: 'length-required', answers: 1 });
    expect(answer.body).toContain('-chunked_post 1');
    expect(refusalsLogged(name)).toEqual(['length-required']);
  });

  it('can read the answer after it has sent more than the connection holds', async () => {
    const socket = openRaw(relay.port);
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.write(`POST /publish/large HTTP/1.0\r\nHost: 127.0.0.1:${relay.port}\r\n\r\n`);
    // What isn't read stays with the sender: this is more than both kernels take.
    socket.write(Buffer.alloc(16 << 20));
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 411 /);
  });

  it('is refused before "100 Continue", and ffmpeg prints why', async () => {
    expect(await firstAnswer('expecting', { body: 'X-Length: none' })).toMatch(/^HTTP\/1\.1 411 .*length-required/);
    const line = ['-v', 'warning', '-re', '-i', file, '-c', 'copy', '-movflags', FRAGMENTED, '-f', 'mp4', '-chunked_post', '0', '-send_expect_100', '1', `${relay.url}/publish/chunkless`];
    expect((await ffmpeg(line)).stderr).toMatch(/length-required.*-chunked_post 1/);
  });

  it('is not one with a length of 0', async () => {
    const answer = await push(`${relay.url}/publish/empty`, '', { headers: { 'Content-Length': 0 } });
    expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'no-media' } });
  });
});

describe('a push that comes again after its media was refused', () => {
  const refuse = (name: string) => push(`${relay.url}/publish/${name}`, NOT_FRAGMENTED);

  it('gets the same refusal before "100 Continue", once', async () => {
    expect((await refuse('again')).status).toBe(415);
    const answer = await firstAnswer('again');
    expect(answer).toMatch(/^HTTP\/1\.1 415 [^\r\n]*not-fragmented/);
    expect(answer).toContain('"code":"not-fragmented"');
    expect(await firstAnswer('again')).toMatch(/^HTTP\/1\.1 100 /);
  });

  it('is listed as one more of the same, with what is wrong with the media', async () => {
    const { message } = (JSON.parse((await refuse('listed')).body) as { error: { message: string } }).error;
    expect(await firstAnswer('listed')).toContain(`The last push was refused: ${message}`);
    const { refusals } = (await (await fetch(`${relay.url}/api/refusals`)).json()) as RefusalList;
    expect(refusals.filter(({ name }) => name === 'listed')).toMatchObject([{ code: 'not-fragmented', message, count: 2 }]);
  });

  it('is let in if it does not wait for an answer, since it would not read one', async () => {
    await refuse('unread');
    const media = await sampleMedia();
    expect((await push(`${relay.url}/publish/unread`, Buffer.concat([media.init, ...media.fragments]))).status).toBe(200);
    // Its media was taken: there is nothing to report any more.
    expect(await firstAnswer('unread')).toMatch(/^HTTP\/1\.1 100 /);
  });

  it('is let in under another name', async () => {
    await refuse('one-name');
    expect(await firstAnswer('other-name')).toMatch(/^HTTP\/1\.1 100 /);
  });

  it('has ffmpeg print the code and the remedy', async () => {
    const line = ['-v', 'warning', '-re', '-i', file, '-c', 'copy', '-f', 'mpegts', '-send_expect_100', '1', `${relay.url}/publish/transport`];
    expect((await ffmpeg(line)).stderr).not.toContain('not-a-container');
    expect((await ffmpeg(line)).stderr).toMatch(/not-a-container.* -f mp4/);
  });
});

describe('the first line of a refusal', () => {
  it('is one line of ASCII, whatever a name holds', async () => {
    const answer = await firstAnswer('caf%C3%A9%0D%0AX-Evil:%201');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request \(bad-name: [ -~]*\)\r\n/);
    expect(answer).not.toMatch(/^X-Evil/m);
  });
});

describe('HLS and DASH that are pushed', () => {
  it.each([
    ['a playlist below the name of a stream', 'cam/index.m3u8'],
    ['a segment below the name of a stream', 'cam/a/b/chunk-0-1.m4s'],
    ['a playlist instead of a name', 'cam.m3u8'],
    ['a manifest instead of a name', 'cam.mpd'],
    ['a segment instead of a name', 'cam0.ts'],
  ])('are refused: %s', async (_what, path) => {
    for (const method of ['PUT', 'POST']) {
      const answer = await push(`${relay.url}/publish/${path}`, 'x'.repeat(1000), { method, headers: { 'Transfer-Encoding': 'chunked' } });
      expect(answer.status).toBe(415);
      const { error } = JSON.parse(answer.body) as { error: { code: string; remedy: string } };
      expect(error.code).toBe('segmented-output');
      expect(error.remedy).toContain('-f mp4');
    }
    expect(refusalsLogged(path.split('/')[0]!)).toContain('segmented-output');
  });

  it('are refused as ffmpeg pushes them', async () => {
    await ffmpeg(['-i', file, '-c', 'copy', '-f', 'hls', '-method', 'PUT', `${relay.url}/publish/segments/index.m3u8`]);
    expect(refusalsLogged('segments')).toContain('segmented-output');
  });
});

describe('an upgrade that a proxy has stripped', () => {
  it.each(['/watch/cam', '/publish/cam'])('is answered by 426 and the way out at %s', async (path) => {
    const stripped = UPGRADE.filter((line) => !/^(Connection|Upgrade)/.test(line));
    const answer = await rawRequest(relay.port, [`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${relay.port}`, 'Connection: close', ...stripped]);
    expect(answer).toMatchObject({ status: 426, code: 'upgrade-required' });
    expect(answer.head).toMatch(/\r\nUpgrade: websocket/i);
    expect(relay.logged).toContainEqual(expect.objectContaining({ message: 'Visitor is refused', fields: expect.objectContaining({ code: 'upgrade-required', path }) }));
  });
});
