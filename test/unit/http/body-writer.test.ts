import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { BodyWriter } from '../../../src/http/body-writer';
import { Exchange } from '../../../src/http/exchange';
import { eventually } from '../../support/eventually';
import { FakeClock } from '../../support/fake-clock';

/** More than any system takes from a program for a client that doesn't read. */
const MUCH = 32 << 20;
const ends: (() => void)[] = [];

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

interface Asked {
  readonly socket: Socket;
  readonly response: ServerResponse;
  readonly body: BodyWriter;
  readonly clock: FakeClock;
}

/** A client that has asked and reads nothing yet. */
async function asked({ requests = 1 } = {}): Promise<Asked> {
  const clock = new FakeClock();
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  ends.push(() => {
    socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  const bodies: { body: BodyWriter; response: ServerResponse }[] = [];
  server.on('request', (request, response) => bodies.push({ body: new BodyWriter(new Exchange(request, response), clock), response }));
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(requests));
  await eventually('it has asked', () => bodies.length === requests);
  return { socket, clock, ...bodies.at(-1)! };
}

describe('a body', () => {
  it('comes whole to a client that reads it, however it was cut', async () => {
    const { socket, body, response } = await asked();
    const bytes = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => index % 251));
    response.writeHead(200, { 'Content-Length': bytes.length, Connection: 'close' });
    body.write(bytes.subarray(0, 10), bytes.subarray(10, 500_000));
    body.write(bytes.subarray(500_000));
    body.end();
    const all = await buffer(socket);
    expect(all.subarray(all.indexOf('\r\n\r\n') + 4).equals(bytes)).toBe(true);
  });

  it('that is not read ends its connection after 20 s, and its bytes are let go', async () => {
    const { socket, body, response, clock } = await asked();
    body.write(new Uint8Array(MUCH));
    body.end();
    await settled(response);
    expect(response.writableLength).toBeLessThan(1 << 20);
    clock.pass(19_999);
    expect(response.destroyed).toBe(false);
    clock.pass(1);
    await eventually('it is ended', () => response.destroyed);
    expect(clock.pending).toBe(0);
    socket.resume();
    await once(socket, 'close');
  });

  it('goes on for as long as the client reads something within 20 s', async () => {
    const { socket, body, response, clock } = await asked();
    body.write(new Uint8Array(MUCH));
    body.end();
    let read = 0;
    let until = 0;
    socket.on('data', ({ length }) => {
      read += length;
      if (read > until) socket.pause();
    });
    for (let round = 0; round < 5; round++) {
      await settled(response);
      clock.pass(19_000);
      until = read + (2 << 20);
      socket.resume();
      await eventually('some of it was read', () => read > until);
    }
    until = Infinity;
    socket.resume();
    await eventually('all of it was read', () => read > MUCH);
    expect(response.writableFinished).toBe(true);
  });

  it('of which nothing has come waits for as long as it likes', async () => {
    const { socket, body, response, clock } = await asked();
    clock.pass(60_000);
    body.write(Buffer.from('late'));
    socket.resume();
    await eventually('it has left', () => clock.pending === 0);
    clock.pass(60_000);
    expect(response.destroyed).toBe(false);
    body.end();
    await eventually('it is over', () => response.writableFinished);
    expect(clock.pending).toBe(0);
  });

  it('that waits for an answer before it on its connection is let go when the connection ends', async () => {
    const { socket, body, clock } = await asked({ requests: 3 });
    body.write(new Uint8Array(MUCH));
    expect(clock.pending).toBe(1);
    socket.destroy();
    await eventually('it is let go', () => clock.pending === 0);
  });
});

/** Resolves once the system takes no more of it. */
async function settled(response: ServerResponse): Promise<void> {
  let last = -1;
  await eventually('the system takes no more', async () => {
    const { bytesWritten = 0 } = response.socket ?? {};
    const stands = bytesWritten === last && response.writableLength > 0;
    last = bytesWritten;
    await new Promise((resolve) => setImmediate(resolve));
    return stands;
  });
}
