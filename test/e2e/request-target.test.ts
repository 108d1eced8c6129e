import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { needs } from '../support/needs';
import { openRaw, rawRequest, UPGRADE } from '../support/raw-request';
import { keyRule } from '../support/access-rule';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';

/** What a request is for: the host, the path, and the protocol that it would like to speak. */
let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => relay.close());

const CLOSE = 'Connection: close';
const LENGTH = 'Content-Length: 10';
const host = (): string => `127.0.0.1:${relay.port}`;

async function ask(...lines: string[]): Promise<{ status: number; code: string | undefined }> {
  const { status, code } = await rawRequest(relay.port, lines);
  return { status, code };
}

const BAD_REQUEST = { status: 400, code: 'bad-request' };

describe('a request', () => {
  it('that names two hosts is refused, whichever of them is the relay’s', async () => {
    for (const hosts of [[`Host: ${host()}`, 'Host: evil.example'], ['Host: evil.example', `Host: ${host()}`], [`Host: ${host()}`, `host: ${host()}`]]) {
      expect(await ask('GET /api/streams HTTP/1.1', ...hosts, CLOSE)).toEqual(BAD_REQUEST);
      expect(await ask('GET /watch/cam HTTP/1.1', ...hosts, ...UPGRADE)).toEqual(BAD_REQUEST);
    }
  });

  it('for an absolute address is answered if that is of the host that it names, and refused otherwise', async () => {
    expect(await ask(`GET http://${host()}/api/streams HTTP/1.1`, `Host: ${host()}`, CLOSE)).toEqual({ status: 200, code: undefined });
    expect(await ask(`GET HTTP://LOCALHOST:${relay.port}/api/streams?x=1 HTTP/1.1`, `Host: localhost:${relay.port}`, CLOSE)).toEqual({ status: 200, code: undefined });
    expect(await ask(`GET http://evil.example/api/streams HTTP/1.1`, 'Host: evil.example', CLOSE)).toEqual({ status: 403, code: 'wrong-host' });
    for (const address of ['http://evil.example/api/streams', `http://${host()}@evil.example/api/streams`, `http://user@${host()}/api/streams`, 'http:///api/streams', 'ftp://a/api/streams', '*']) {
      expect([address, await ask(`GET ${address} HTTP/1.1`, `Host: ${host()}`, CLOSE)]).toEqual([address, BAD_REQUEST]);
    }
  });

  it('for a tunnel ends its connection, whatever follows', async () => {
    for (const followed of ['', `GET /api/streams HTTP/1.1\r\nHost: ${host()}\r\n\r\n`]) {
      expect(await rawRequest(relay.port, ['CONNECT 127.0.0.1:1 HTTP/1.1', `Host: ${host()}`], followed)).toMatchObject({ answers: 0 });
    }
  });

  it.each(['/api/streams#here', '/api\\streams'])('whose path can be read in two ways is refused: %s', async (path) => {
    expect(await ask(`GET ${path} HTTP/1.1`, `Host: ${host()}`, CLOSE)).toEqual(BAD_REQUEST);
  });

  it('in other letters than the address has is for nothing', async () => {
    for (const path of ['/API/streams', '/api/Streams', '/WATCH/cam.mp4', '/HLS/cam/index.m3u8', '/Health/live', '/Player/sluice-video.js', '/SAMPLES/']) {
      expect([path, await ask(`GET ${path} HTTP/1.1`, `Host: ${host()}`, CLOSE)]).toEqual([path, { status: 404, code: 'not-found' }]);
    }
  });
});

describe('a push that waits for "100 Continue"', () => {
  it('is told to go on by no address before it is decided who may', async () => {
    const { rule, keys, remove } = keyRule({ owner: { publish: ['cam'] } });
    const guarded = await startRelay({ accessRule: rule });
    const { init } = await sampleMedia();
    const here = `127.0.0.1:${guarded.port}`;
    const answers: [target: string, status: number][] = [
      ['/publish/cam', 401],
      ['/publish/cam/', 401],
      ['/publish/%63am', 401],
      [`http://${here}/publish/cam`, 401],
      ['/PUBLISH/cam', 404],
      ['/publish/cam#x', 400],
      ['/publish\\cam#x', 400],
      ['/publish/cam/more', 415],
      ['/%70ublish/cam', 404],
      ['//publish/cam', 404],
      ['/nothing', 404],
    ];
    const ask = ([target]: [string, number]) => rawRequest(guarded.port, [`PUT ${target} HTTP/1.1`, `Host: ${here}`, LENGTH, 'Expect: 100-continue']);
    const answered = await Promise.all(answers.map(ask));
    // One answer each, and so no "100 Continue" before it.
    expect(answered.map((answer, index) => [answers[index]![0], answer.status, answer.answers])).toEqual(answers.map((line) => [...line, 1]));
    const allowed = await rawRequest(guarded.port, ['PUT /publish/cam HTTP/1.1', `Host: ${here}`, `Authorization: Bearer ${keys.owner}`, `Content-Length: ${init.length}`, 'Expect: 100-continue', CLOSE], init);
    expect({ first: allowed.status, answers: allowed.answers }).toEqual({ first: 100, answers: 2 });
    await guarded.close();
    remove();
  });
});

describe('a request that would rather speak another protocol', () => {
  const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];

  it.each([
    ['h2c', H2C],
    ['TLS', ['Connection: Upgrade', 'Upgrade: TLS/1.0']],
    ['several, none of them WebSocket', ['Connection: upgrade', 'Upgrade: h2c, IRC/6.9, websocket/13']],
  ])('is answered as any other: %s', async (_what, headers) => {
    const answer = await rawRequest(relay.port, ['GET /api/streams HTTP/1.1', `Host: ${host()}`, ...headers, '', 'GET /nothing HTTP/1.1', `Host: ${host()}`, CLOSE]);
    expect(answer).toMatchObject({ status: 200, answers: 2 });
    expect(answer.body).toMatch(/^{"streams":\[\]}HTTP\/1\.1 404 /);
  });

  it('may bring a body', async () => {
    const { init } = await sampleMedia();
    const body = [init.length.toString(16), init.toString('latin1'), '0', '', ''].join('\r\n');
    const chunked = await rawRequest(relay.port, ['PUT /publish/cam HTTP/1.1', `Host: ${host()}`, ...H2C, 'Transfer-Encoding: chunked'], Buffer.from(`${body}GET /nothing HTTP/1.1\r\nHost: ${host()}\r\n${CLOSE}\r\n\r\n`, 'latin1'));
    expect(chunked.answers).toBe(2);
    expect(chunked.code).not.toBe('bad-request');
  });

  it('or a WebSocket gets the WebSocket', async () => {
    for (const protocols of ['h2c, websocket', 'WebSocket,h2c', 'websocket']) {
      const socket = openRaw(relay.port);
      socket.write(['GET /watch/cam HTTP/1.1', `Host: ${host()}`, 'Connection: Upgrade', `Upgrade: ${protocols}`, ...UPGRADE.slice(2), '', ''].join('\r\n'));
      const [bytes] = (await once(socket, 'data')) as [Buffer];
      socket.destroy();
      expect([protocols, bytes.toString('latin1').split('\r\n')[0]]).toEqual([protocols, 'HTTP/1.1 101 Switching Protocols']);
    }
  });

  it('is answered as any other where it speaks HTTP/1.0, which knows no upgrade', async () => {
    expect(await ask('GET /api/streams HTTP/1.0', `Host: ${host()}`, ...UPGRADE)).toEqual({ status: 200, code: undefined });
  });

  needs('curl', () => {
    it('gets what curl --http2 asks for', async () => {
      const { stdout } = await promisify(execFile)('curl', ['--silent', '--show-error', '--http2', '--noproxy', '*', '--write-out', ' %{http_code} %{http_version}', `${relay.url}/api/streams`]);
      expect(stdout).toBe('{"streams":[]} 200 1.1');
    });
  });
});
