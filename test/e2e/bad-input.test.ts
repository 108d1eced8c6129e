import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { eventually } from '../support/eventually';
import { FRAGMENTED, H264_AAC, makeFile, type Running, startFfmpeg, testPicture } from '../support/ffmpeg';
import { type Answer, errorCode, openPush, push } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { liveStream, streamInfo } from '../support/streams';
import { TestSocket } from '../support/test-socket';

/** Long enough that a busy machine lets no steady publisher pause so long, ms. */
const IDLE = 3_000;
const MAX_CHUNK = 100_000;

let relay: TestRelay;
let steady: Running;
let plain: Buffer;
let fragmented: Buffer;

beforeAll(async () => {
  relay = await startRelay({ idleTimeout: IDLE, maxChunk: MAX_CHUNK });
  steady = startFfmpeg(['-re', ...testPicture(), ...H264_AAC, '-movflags', `${FRAGMENTED}+frag_every_frame`, '-f', 'mp4', `${relay.url}/publish/steady`]);
  const file = await makeFile('plain.mp4', [...testPicture(1), ...H264_AAC]);
  plain = await readFile(file);
  fragmented = await readFile(await makeFile('fragmented.mp4', ['-i', file, '-c', 'copy', '-movflags', FRAGMENTED]));
  await liveStream(relay.url, 'steady');
});

afterAll(async () => {
  steady.process.kill('SIGKILL');
  await steady.ended;
  await relay.close();
});

/** Whatever was done to the relay, the stream of another publisher goes on in the same epoch. */
afterEach(async () => {
  const epoch = relay.registry.get('steady')?.epoch;
  const position = epoch?.position ?? Infinity;
  await eventually('the steady stream goes on', () => (relay.registry.get('steady')?.epoch?.position ?? 0) > position);
  expect(relay.registry.get('steady')?.epoch).toBe(epoch);
});

/** The refusal came as it should, is in the log, and the name takes the next publisher. */
async function expectRefusal(name: string, answer: Answer, { status, code }: { status: number; code: string }): Promise<void> {
  expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status, code });
  expect(relay.logged).toContainEqual(expect.objectContaining({ level: 'warn', message: 'Publisher is refused', fields: expect.objectContaining({ name, code }) }));
  await expectFree(name);
}

async function expectFree(name: string): Promise<void> {
  expect(await push(`${relay.url}/publish/${name}`, fragmented)).toMatchObject({ status: 200 });
}

describe('what is no media', () => {
  it.each([
    ['text', 'text', () => Buffer.from('Hello, this is a text of some length, and no video at all. '.repeat(20)), { status: 415, code: 'not-a-container' }],
    ['a JPEG', 'jpeg', () => Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.alloc(3000, 7)]), { status: 415, code: 'not-a-container' }],
    ['an empty body', 'empty', () => Buffer.alloc(0), { status: 400, code: 'no-media' }],
    ['a plain MP4 whose moov comes last', 'moov-last', () => plain, { status: 415, code: 'not-fragmented' }],
    ['a truncated init segment', 'half-init', () => fragmented.subarray(0, fragmented.indexOf('mvex')), { status: 400, code: 'incomplete-media' }],
    ['a body that ends in the middle of a chunk', 'half-chunk', () => fragmented.subarray(0, fragmented.indexOf('mdat') + 100), { status: 400, code: 'incomplete-media' }],
  ])('is refused: %s', async (_what, name, body, refusal) => {
    await expectRefusal(name, await push(`${relay.url}/publish/${name}`, body()), refusal);
  });

  it('is refused in HTTP chunks and by POST too', async () => {
    const answer = await push(`${relay.url}/publish/posted`, 'no container', { method: 'POST', headers: { 'Transfer-Encoding': 'chunked' } });
    await expectRefusal('posted', answer, { status: 415, code: 'not-a-container' });
  });
});

describe('a publisher', () => {
  it('whose chunk is over the limit is refused as soon as that shows, and may read the answer while it still sends', async () => {
    const moof = fragmented.indexOf('moof') - 4;
    const huge = Buffer.from('00100000' + Buffer.from('mdat').toString('hex'), 'hex');
    const mdat = fragmented.indexOf('mdat') - 4;
    const { request, answer } = openPush(`${relay.url}/publish/huge`);
    request.on('error', () => undefined);
    request.write(fragmented.subarray(0, moof));
    request.write(Buffer.concat([fragmented.subarray(moof, mdat), huge]));
    const flood = setInterval(() => request.write(Buffer.alloc(50_000)), 5);
    const refusal = await answer;
    clearInterval(flood);
    expect(refusal.headers['connection']).toBe('close');
    await once(request, 'close');
    await expectRefusal('huge', refusal, { status: 413, code: 'chunk-too-large' });
  });

  it('that sends nothing at all is refused after its time', async () => {
    const { request, answer } = openPush(`${relay.url}/publish/silent`);
    request.flushHeaders();
    await expectRefusal('silent', await answer, { status: 408, code: 'publisher-idle' });
  });

  it('that falls silent in the middle of a chunk is refused after its time', async () => {
    const { request, answer } = openPush(`${relay.url}/publish/stalled`);
    request.write(fragmented.subarray(0, fragmented.indexOf('mdat') + 100));
    await expectRefusal('stalled', await answer, { status: 408, code: 'publisher-idle' });
  });

  it('whose connection breaks in the middle of a chunk leaves the name free, and a line in the log', async () => {
    const { request } = openPush(`${relay.url}/publish/cut`);
    request.on('error', () => undefined);
    request.write(fragmented.subarray(0, fragmented.lastIndexOf('mdat') + 100));
    await liveStream(relay.url, 'cut');
    request.destroy();
    await eventually('the log tells of it', () => relay.logged.some(({ message, fields }) => message === 'Publisher broke off' && fields['name'] === 'cut'));
    expect(await streamInfo(relay.url, 'cut')).toMatchObject({ state: 'held' });
    await expectFree('cut');
  });

  it('whose WebSocket message is over the limit is in the log with its code', async () => {
    const { socket, closed } = await TestSocket.plain(`${relay.wsUrl}/publish/flood`);
    socket.send(Buffer.alloc(MAX_CHUNK + (4 << 20)));
    expect((await closed).code).toBe(4413);
    const line = { level: 'warn', message: 'Publisher is refused', fields: expect.objectContaining({ name: 'flood', code: 'message-too-large' }) };
    await eventually('the log tells of it', () => relay.logged.some(({ fields }) => fields['name'] === 'flood'));
    expect(relay.logged.filter(({ fields }) => fields['name'] === 'flood')).toEqual([line]);
    await expectFree('flood');
  });

  it('whose connection breaks in the middle of the init segment leaves nothing', async () => {
    const { request } = openPush(`${relay.url}/publish/early`);
    request.on('error', () => undefined);
    request.write(fragmented.subarray(0, 100));
    await eventually('the relay has it', () => relay.registry.get('early'));
    request.destroy();
    await eventually('the stream is gone', () => relay.registry.get('early') === undefined);
    await expectFree('early');
  });
});

describe('a name', () => {
  it.each(['a.b', '-a', '_a', 'a%20b', '%2e%2e%2f', '%00', 'a'.repeat(65), '%C3%A9', 'a%2Fb'])('that is no name is refused before anything is created: %s', async (name) => {
    const answer = await push(`${relay.url}/publish/${name}`, fragmented);
    expect({ status: answer.status, code: errorCode(answer) }).toEqual({ status: 400, code: 'bad-name' });
    expect(relay.registry.list().map((stream) => stream.name)).toEqual(['steady']);
  });

  it('with a broken escape is refused', async () => {
    const answer = await push(`${relay.url}/publish/%E0%A4%A`, fragmented);
    expect(answer.status).toBe(400);
    expect(errorCode(answer)).toBe('bad-request');
  });
});

describe('a push', () => {
  it.each([
    ['from a page of another site', { Origin: 'http://evil.example' }, 'wrong-origin'],
    ['from a sandboxed page', { Origin: 'null' }, 'wrong-origin'],
    ['to a foreign host', { Host: 'evil.example' }, 'wrong-host'],
    ['with X-Forwarded-For', { 'X-Forwarded-For': '1.2.3.4' }, 'publish-not-allowed'],
    ['with Forwarded', { Forwarded: 'for=1.2.3.4' }, 'publish-not-allowed'],
    ['with Via', { Via: '1.1 proxy' }, 'publish-not-allowed'],
  ])('%s is refused, with a body or before it', async (_how, headers, code) => {
    for (const more of [{}, { Expect: '100-continue' }]) {
      const { request, answer } = openPush(`${relay.url}/publish/foreign`, { headers: { ...headers, ...more } });
      request.on('error', () => undefined);
      if ('Expect' in more) request.flushHeaders();
      else request.end(fragmented);
      const refusal = await answer;
      expect({ status: refusal.status, code: errorCode(refusal) }).toEqual({ status: 403, code });
      expect(relay.logged.filter(({ level }) => level === 'warn').at(-1)).toMatchObject({ fields: { code, peer: expect.stringContaining('127.0.0.1:') } });
      expect(relay.registry.get('foreign')).toBeUndefined();
    }
  });
});

describe('what is no HTTP', () => {
  it('is answered with 400, and harms nobody', async () => {
    const socket = connect(relay.port, '127.0.0.1');
    socket.end('\x16\x03\x01 this is no request\r\n\r\n');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });
});
