import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../src/base/package';
import { readInput } from '../../src/ffmpeg/source-input';
import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { start } from '../support/ffmpeg';
import { rawRequest } from '../support/raw-request';
import { TestSocket } from '../support/test-socket';

/**
 * What is held: what ffmpeg opens is named by the operator when the relay starts, and by nobody else; and what the operator
 * named is told to nobody with its password.
 */
const PASSWORD = 'hunter2-of-the-camera';
const QUERY = 'token-of-the-camera';
const SECRET = 'the secret that signs every token of this relay';
const TOKEN = 'a-token-that-somebody-has-mistyped';

/** A server of this machine: of its addresses the operator has named one, and nobody but an attacker would have the relay ask for others. */
let canary: Server;
const asked: string[] = [];

beforeAll(async () => {
  canary = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(canary, 'listening');
});

afterAll(() => canary.close());

const named = (): string => `http://127.0.0.1:${(canary.address() as AddressInfo).port}/named`;

const relay = underAttack(() => ({ flags: ['--source', `door=rtsp://admin:${PASSWORD}@127.0.0.1:1/stream?token=${QUERY}`, '--source', `named=${named()}`] }));

const canaryAddress = (): string => `http://127.0.0.1:${(canary.address() as AddressInfo).port}/latest/meta-data/`;

const INPUTS: readonly (readonly [string, () => string])[] = [
  ['concat:', () => `concat:${canaryAddress()}|/etc/passwd`],
  ['file:///etc/passwd', () => 'file:///etc/passwd'],
  ['an address of this machine', canaryAddress],
  ['http://169.254.169.254', () => 'http://169.254.169.254/latest/meta-data/'],
  ['-i', () => `-i ${canaryAddress()}`],
  ['an option that writes a file', () => '-f mp4 -y /tmp/sluice-attack.mp4'],
  ['a subshell', () => `$(curl ${canaryAddress()})`],
  ['backquotes', () => `\`curl ${canaryAddress()}\``],
  ['a second command', () => `x; curl ${canaryAddress()}`],
  ['a filter that reads', () => `movie=${canaryAddress()}`],
  ['subfile', () => `subfile,,start,0,end,0,,:${canaryAddress()}`],
];

describe('an address for ffmpeg', () => {
  it.each(INPUTS)('is taken from nobody who asks over the network: %s', async (_what, input) => {
    const address = input();
    const escaped = encodeURIComponent(address);
    const json = JSON.stringify({ name: 'loot', input: address, source: address, url: address, address, file: address });
    const paths = ['/api/sources', '/api/sources/loot', '/api/sources/door/start', '/api/sources/loot/start', '/api/streams', '/api/streams/loot', `/api/sources/${escaped}`, `/api/sources/${escaped}/start`];
    const host = `Host: 127.0.0.1:${relay().port}`;
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH']) {
        const query = `?input=${escaped}&source=${escaped}&url=${escaped}&src=${escaped}`;
        await rawRequest(relay().port, [`${method} ${path}${query} HTTP/1.1`, host, 'Connection: close', 'Content-Type: application/json', `Content-Length: ${method === 'GET' ? 0 : Buffer.byteLength(json)}`], method === 'GET' ? '' : json);
      }
    }
    for (const door of ['/watch/steady', '/publish/loot']) {
      const client = await TestSocket.speaking(`${relay().wsUrl}${door}?input=${escaped}&source=${escaped}`);
      client.tell({ type: 'source', input: address });
      expect(await client.next('error')).toMatchObject({ code: 'bad-message' });
      client.socket.terminate();
    }
    // A playlist, which a player would follow, is no media.
    const playlist = `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n${address}\n#EXT-X-ENDLIST\n`;
    const push = await rawRequest(relay().port, ['PUT /publish/playlist HTTP/1.1', host, 'Connection: close', `Content-Length: ${Buffer.byteLength(playlist)}`], playlist);
    expect(push).toMatchObject({ status: 415, code: 'not-a-container' });
    const { sources } = (await (await fetch(`${relay().url}/api/sources`)).json()) as { sources: { name: string }[] };
    expect(sources.map(({ name }) => name)).toEqual(['door', 'named']);
    // What the operator has named is asked for after all that, so anything else would have been by then.
    const before = asked.length;
    await rawRequest(relay().port, ['POST /api/sources/named/stop HTTP/1.1', host, 'Connection: close', 'Content-Length: 0']);
    await rawRequest(relay().port, ['POST /api/sources/named/start HTTP/1.1', host, 'Connection: close', 'Content-Length: 0']);
    await eventually('the source of the operator is asked for', () => asked.length > before);
    expect(new Set(asked)).toEqual(new Set(['/named']));
  });

  it.each(['concat:/etc/passwd|/etc/hostname', 'file:///etc/passwd', 'crypto:/etc/passwd', 'data:video/mp4;base64,AAAA', 'gopher://127.0.0.1:1/'])('is refused to an operator, too, where it isn’t what brings media: %s', (input) => {
    expect(() => readInput('cam', input)).toThrow('it must be a file, or an address of http, https, ');
  });

  it.each(['-i /etc/passwd', '-f', 'subfile,,start,0,end,0,,:/etc/passwd', '|cat /etc/passwd'])('that looks like an option is the path of a file to ffmpeg, which isn’t there: %s', (input) => {
    expect(readInput('cam', input).address).toBe(resolve(input));
  });
});

describe('what is secret', () => {
  it('stands in no answer, no metric and no line of the log', async () => {
    await eventually('the log tells of the source that can’t be reached', () => relay().log.includes('door'));
    const answers: string[] = [];
    for (const path of ['/api/streams', '/api/sources', '/metrics', '/', '/nothing', '/watch/a.b', '/watch/nobody.mp4', '/health/ready', '/api/streams/door', '/api/docs-json', '/api/events/recent']) {
      const { head, body } = await rawRequest(relay().port, [`GET ${path}?token=${TOKEN} HTTP/1.1`, `Host: 127.0.0.1:${relay().port}`, 'Connection: close']);
      answers.push(head, body);
    }
    const refused = await TestSocket.speaking(`${relay().wsUrl}/publish/a.b?token=${TOKEN}&session=0123456789abcdef0123456789abcdef`);
    answers.push((await refused.next('error')).message);
    const everything = [...answers, relay().log].join('\n');
    for (const secret of [PASSWORD, QUERY, TOKEN, '0123456789abcdef0123456789abcdef']) expect(everything).not.toContain(secret);
    expect(everything).not.toMatch(/node_modules|at .*\.js:\d+/);
  });

  it('is said by no start that fails, either', async () => {
    const args = ['serve', '--port', '0', '--no-demo', '--source', `cam=concat:rtsp://admin:${PASSWORD}@127.0.0.1/x`];
    const env = { ...process.env, SLUICE_JWT_SECRET: SECRET };
    for (const added of [{ SLUICE_ACCESS_WEBHOOK: 'http://127.0.0.1:1/', SLUICE_ACCESS_WEBHOOK_SECRET: 'short-secret' }, {}]) {
      const { status, stderr, stdout } = await start(process.execPath, [join(packageRoot(), 'bin', 'sluice.js'), ...args], { ...env, ...added }).ended;
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^Cannot /)]);
      for (const secret of [PASSWORD, SECRET, 'short-secret']) expect(stderr + stdout).not.toContain(secret);
    }
  });
});
