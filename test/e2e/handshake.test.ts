import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { startRelay, type TestRelay } from '../support/relay';
import { TestSocket } from '../support/test-socket';

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => relay.close());

/** Sends raw lines, and gives all that comes back until the relay closes. */
async function answerTo(...lines: string[]): Promise<string> {
  const socket = connect(relay.port, '127.0.0.1');
  socket.write([...lines, '', ''].join('\r\n'));
  return text(socket);
}

const HOST = 'Host: 127.0.0.1';
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket'];
const KEY = ['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'];

describe('a handshake', () => {
  it.each([
    ['without a key', 'GET', [KEY[1]!], 'Sec-WebSocket-Key'],
    ['with half a key', 'GET', ['Sec-WebSocket-Key: AAAA', KEY[1]!], 'Sec-WebSocket-Key'],
    ['of an unknown version', 'GET', [KEY[0]!, 'Sec-WebSocket-Version: 99'], 'Sec-WebSocket-Version'],
    ['with a malformed offer of subprotocols', 'GET', [...KEY, 'Sec-WebSocket-Protocol: sluice.v1,,'], 'Sec-WebSocket-Protocol'],
    ['that is no GET', 'PUT', KEY, 'method'],
  ])('%s is refused with a code, and a word about what is wrong', async (_how, method, headers, word) => {
    const answer = await answerTo(`${method} /watch/cam HTTP/1.1`, HOST, ...UPGRADE, ...headers);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    const [, body = ''] = answer.split('\r\n\r\n');
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'bad-request', message: expect.stringContaining(word) } });
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  it.each([
    ['from a page of another site', [HOST, 'Origin: http://evil.example'], 'wrong-origin'],
    ['for a foreign host', ['Host: evil.example'], 'wrong-host'],
  ])('%s is in the log, without what its address keeps secret', async (_how, headers, code) => {
    await answerTo('GET /publish/cam?session=0123456789abcdef HTTP/1.1', ...headers, ...UPGRADE, ...KEY);
    expect(relay.logged.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', message: 'Visitor is refused', fields: { id: expect.any(String), peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), path: '/publish/cam', code, reason: expect.any(String) } },
    ]);
  });

  it('of a client that is gone at once harms nobody', async () => {
    for (const path of ['/watch/cam', '/publish/cam', '/other', '/watch/a.b']) {
      const socket = connect(relay.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write([`GET ${path} HTTP/1.1`, HOST, ...UPGRADE, ...KEY, 'Sec-WebSocket-Protocol: sluice.v1', '', ''].join('\r\n'));
      socket.resetAndDestroy();
    }
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    await viewer.next('waiting');
    viewer.socket.terminate();
  });

  it('is followed by frames, or the socket is closed by a protocol error', async () => {
    const viewer = connect(relay.port, '127.0.0.1');
    viewer.write([`GET /watch/cam HTTP/1.1`, HOST, ...UPGRADE, ...KEY, '', ''].join('\r\n'));
    viewer.write(Buffer.alloc(300, 0xff));
    const parts: Buffer[] = [];
    for await (const part of viewer) parts.push(part as Buffer);
    // A close frame with 1002.
    expect(Buffer.concat(parts).toString('hex')).toMatch(/880203ea$/);
  });
});
