import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { selfSign, type TlsCredentials } from '../../../src/http/tls-credentials';
import { takeTurns } from '../../../src/http/request-turns';
import { eventually } from '../../support/eventually';

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
}

let tls: TlsCredentials;
let server: Server;
let asked: Asked[];
const clients: Socket[] = [];

beforeAll(async () => {
  tls = await selfSign([]);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
  server.closeAllConnections();
});

async function start(listener: RequestListener = () => undefined, secure = false): Promise<void> {
  asked = [];
  const note: RequestListener = (request, response) => {
    asked.push({ request, response, socket: request.socket });
    listener(request, response);
  };
  server = secure ? createTlsServer(tls, note) : createServer(note);
  takeTurns(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** A client, and what has come back. */
function open(): { socket: Socket; text: () => string } {
  const { port } = server.address() as AddressInfo;
  const socket = 'setSecureContext' in server ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (part: string) => (text += part));
  socket.on('error', () => undefined);
  clients.push(socket);
  return { socket, text: () => text };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const count = (length: number): number[] => Array.from({ length }, (_, index) => index);

/** Answers with the path and the body. */
const echo: RequestListener = (request, response) => {
  let body = '';
  request.setEncoding('latin1').on('data', (part: string) => (body += part));
  request.on('end', () => response.end(`<${request.method} ${request.url} ${body}>`));
};

describe.each([['HTTP', false], ['HTTPS', true]])('a connection of %s', (_scheme, secure) => {
  it('has one request under way, and the next once that is answered', async () => {
    await start(undefined, secure);
    const { socket, text } = open();
    socket.write(get('/0') + get('/1') + get('/2'));
    for (const index of [0, 1, 2]) {
      await eventually('it has begun', () => asked.length === index + 1);
      // Whatever the relay does meanwhile.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      expect(asked.map(({ request }) => request.url)).toEqual(['/0', '/1', '/2'].slice(0, index + 1));
      asked[index]!.response.end(`<${index}>`);
    }
    await eventually('all are answered', () => text().includes('<2>'));
    expect(text().match(/<\d>/g)).toEqual(['<0>', '<1>', '<2>']);
  });

  it('gets all its answers in order, however many it asks for in one breath', async () => {
    await start(echo, secure);
    const { socket, text } = open();
    socket.write(count(1_000).map((index) => get(`/${index}`)).join(''));
    await eventually('all are answered', () => text().includes('/999 >'));
    expect(text().match(/<GET \/\d+ >/g)).toEqual(count(1_000).map((index) => `<GET /${index} >`));
  });

  it('is read no further than a little ahead while an answer is under way, and goes on from there', async () => {
    await start(undefined, secure);
    const { socket, text } = open();
    const requests = 400;
    const large = `GET / HTTP/1.1\r\nHost: a\r\nX-Filling: ${'x'.repeat(10_000)}\r\n\r\n`;
    socket.write(large.repeat(requests));
    await eventually('the first has begun', () => asked.length === 1);
    const { socket: served } = asked[0]!;
    await eventually('it is read no further', () => served.isPaused());
    expect(served.bytesRead).toBeLessThan(400_000);
    expect(asked).toHaveLength(1);
    server.on('request', (_request, response: ServerResponse) => response.end('.'));
    asked[0]!.response.end('.');
    await eventually('all are answered', () => asked.length === requests && text().endsWith('.'));
  });

  it('that ends is noticed, though more was asked than is answered', async () => {
    await start(undefined, secure);
    const { socket } = open();
    socket.write(get('/0').repeat(50));
    await eventually('the first has begun', () => asked.length === 1);
    const closed = once(asked[0]!.response, 'close');
    socket.destroy();
    await closed;
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['Content-Length', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
    ['chunks', (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
    ['chunks and a trailer', (body: string) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\nX-Sum: 1\r\n\r\n`],
  ])('may ask on after a body with %s, cut anywhere', async (_how, bodyOf) => {
    await start(echo, secure);
    const body = `first\r\n\r\n${get('/inside')}\n\nlast`;
    const bytes = `POST /1 HTTP/1.1\r\nHost: a\r\n${bodyOf(body)}${get('/2')}`;
    const { socket, text } = open();
    socket.setNoDelay(true);
    for (let cut = 1; cut < bytes.length; cut += 2) {
      const before = asked.length;
      socket.write(bytes.slice(0, cut), 'latin1');
      if (cut % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
      socket.write(bytes.slice(cut), 'latin1');
      await eventually('both are answered', () => (text().match(/<GET \/2 >/g) ?? []).length === (cut + 1) / 2);
      expect(asked.slice(before).map(({ request }) => request.url)).toEqual(['/1', '/2']);
    }
    expect(text().split(`<POST /1 ${body}>`)).toHaveLength(Math.floor(bytes.length / 2) + 1);
  });

  it('brings a large body whole, as fast or as slowly as it is read', async () => {
    let size = 0;
    await start((request, response) => {
      request.on('data', (part: Buffer) => {
        size += part.length;
        request.pause();
        setImmediate(() => request.resume());
      });
      request.on('end', () => response.end('<done>'));
    }, secure);
    const { socket, text } = open();
    const part = Buffer.alloc(100_000, `${'x'.repeat(1_996)}\r\n\r\n`);
    socket.write('PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let parts = 0; parts < 20; parts++) {
      socket.write(`${part.length.toString(16)}\r\n`);
      socket.write(part);
      socket.write('\r\n');
    }
    socket.write('0\r\n\r\n');
    await eventually('it is answered', () => text().includes('<done>'));
    expect(size).toBe(2_000_000);
  });

  it('may send blank lines before each request, wherever they are cut', async () => {
    await start(echo, secure);
    const { socket, text } = open();
    const bytes = ['\r\n\r\n\r\n', get('/1'), '\r\n', get('/2'), '\r\n'.repeat(30_000), get('/3')].join('');
    for (let at = 0; at < 100; at++) {
      socket.write(bytes[at]!);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.write(bytes.slice(100));
    await eventually('all are answered', () => text().includes('<GET /3 >'));
    expect(text().match(/<GET \/\d >/g)).toEqual(['<GET /1 >', '<GET /2 >', '<GET /3 >']);
  });

  it('becomes a WebSocket with all that was sent after the handshake', async () => {
    await start(echo, secure);
    server.on('upgrade', (_request, socket: Socket, head: Buffer) => {
      setImmediate(() => {
        if (head.length > 0) socket.unshift(head);
        socket.on('data', (bytes: Buffer) => socket.write(`<${bytes.toString('latin1')}>`));
      });
    });
    const { socket, text } = open();
    socket.write(`${get('/1')}GET /2 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes\r\n\r\nmore`);
    await eventually('the frames are heard', () => text().includes('<frames\r\n\r\nmore>'));
    expect(text()).toContain('<GET /1 >');
    socket.write('again');
    await eventually('and the next', () => text().includes('<again>'));
  });
});

describe('a turn of the event loop', () => {
  it('begins few requests, on however many connections they come', async () => {
    let turn = 0;
    let isOver = false;
    const next = (): void => {
      turn++;
      if (!isOver) setImmediate(next);
    };
    const turns: number[] = [];
    await start((_request, response) => {
      turns.push(turn);
      response.end();
    });
    next();
    for (let opened = 0; opened < 100; opened++) open().socket.write(get('/').repeat(20));
    await eventually('all have begun', () => turns.length === 2_000);
    isOver = true;
    const most = Math.max(...turns.map((one) => turns.filter((other) => other === one).length));
    expect(most).toBeLessThanOrEqual(32);
  });

  it('takes few pieces of a body that blank lines cut into many', async () => {
    let turn = 0;
    let isOver = false;
    const next = (): void => {
      turn++;
      if (!isOver) setImmediate(next);
    };
    const pieces = new Map<number, number>();
    await start((request) => {
      request.on('data', () => pieces.set(turn, (pieces.get(turn) ?? 0) + 1));
      request.on('end', () => (isOver = true));
    });
    next();
    const { socket } = open();
    socket.write(`PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n${'\r\n'.repeat(0x1000)}\r\n0\r\n\r\n`);
    await eventually('it has come', () => isOver);
    // What is parsed within a turn may begin before the count and end after it.
    expect(Math.max(...pieces.values())).toBeLessThanOrEqual(16);
  });
});

describe('what only looks like one request', () => {
  it.each([
    ['line feeds alone', 'GET /1 HTTP/1.1\nHost: a\n\nGET /2 HTTP/1.1\nHost: a\n\n'],
    ['a length and chunks', 'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n'],
  ])('never has two under way: %s', async (_what, bytes) => {
    await start();
    const { socket } = open();
    socket.write(bytes);
    await eventually('the connection is done with, or waits', () => socket.closed || asked.length === 1);
    expect(asked.filter(({ socket: served }) => !served.destroyed).length).toBeLessThanOrEqual(1);
  });

  it('and goes on with its body after the answer is cut off', async () => {
    await start((_request, response) => void response.end('<answer>'));
    const { socket, text } = open();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const drip = setInterval(() => socket.write('1\r\na\r\n'), 100);
    socket.on('close', () => clearInterval(drip));
    await eventually('its connection ends', () => socket.closed);
    expect(text()).toContain('<answer>');
  });

  it('and never ends is answered with 431', async () => {
    await start();
    const { socket, text } = open();
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n');
    for (let sent = 0; sent < 40; sent++) socket.write(`X-${sent}: ${'x'.repeat(1_000)}\r\n`);
    await eventually('it is refused', () => socket.closed);
    expect(text()).toContain('HTTP/1.1 431');
  });
});
