import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import type { Config } from '../../src/config/config';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import { eventually } from '../support/eventually';
import { send } from '../support/publishing';
import { startRelay, type TestRelay } from '../support/relay';
import { sampleMedia } from '../support/sample-media';
import { TestSocket } from '../support/test-socket';

/** Requests that are sent behind others on one connection, unasked: HTTP calls it pipelining (RFC 9112, section 9.3.2). */
let relay: TestRelay;
let publisher: TestSocket;

async function start(options: Partial<Config>): Promise<void> {
  relay = await startRelay(options);
  publisher = new TestSocket(new WebSocket(`${relay.wsUrl}/publish/cam`, [SUBPROTOCOL], { rejectUnauthorized: false }));
  await publisher.next('ready');
  const { init, fragments } = await sampleMedia();
  await send(publisher, init, ...fragments.slice(0, 30));
}

afterEach(async () => {
  publisher.socket.terminate();
  await relay.close();
});

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

/** Asks for all of these in one breath, and gives the connection and what has come back. */
function ask(secure: boolean, ...paths: string[]): { socket: Socket; text: () => string } {
  const { port } = relay;
  const socket = secure ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  socket.write(paths.map(get).join(''));
  return { socket, text: () => text };
}

const viewers = (): number => relay.registry.get('cam')?.viewers ?? 0;
const answers = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status = '']) => status);

describe.each([['HTTP', false], ['HTTPS', true]])('many requests on one connection of %s', (_scheme, secure) => {
  const tls = secure ? ({ kind: 'self-signed' } as const) : undefined;

  it('for a stream without end take one seat, which is free again when the connection is closed', async () => {
    await start({ tls, maxViewers: 40 });
    for (let round = 0; round < 3; round++) {
      const { socket, text } = ask(secure, ...Array.from({ length: 30 }, () => '/watch/cam.mp4'));
      await eventually('it is answered', () => text().includes('ftyp'));
      expect(viewers()).toBe(1);
      socket.destroy();
      await eventually('the seat is free', () => viewers() === 0);
    }
  });

  it('for the events take one reader, which is gone when the connection is closed', async () => {
    await start({ tls });
    for (let round = 0; round < 3; round++) {
      const { socket, text } = ask(secure, ...Array.from({ length: 100 }, () => '/api/events'));
      await eventually('it is answered', () => text().includes('"stats"'));
      expect(answers(text())).toEqual(['200']);
      socket.destroy();
    }
    const readers = Array.from({ length: 100 }, () => ask(secure, '/api/events'));
    for (const { text } of readers) await eventually('it is answered', () => text().includes('"stats"'));
    for (const { socket } of readers) socket.destroy();
  });

  it('are all answered, in order, where their answers end', async () => {
    await start({ tls, apiRate: Infinity });
    const { socket, text } = ask(secure, ...Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? '/api/streams' : '/nothing')));
    await eventually('all are answered', () => answers(text()).length === 100);
    expect(answers(text())).toEqual(Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? '200' : '404')));
    socket.destroy();
  });
});
