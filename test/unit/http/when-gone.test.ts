import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { whenGone } from '../../../src/http/when-gone';
import { eventually } from '../../support/eventually';

let server: Server;
const responses: ServerResponse[] = [];
const gone: string[] = [];

beforeEach(async () => {
  responses.length = 0;
  gone.length = 0;
  server = createServer((request, response) => {
    responses.push(response);
    whenGone(response, () => gone.push(request.url ?? ''));
    whenGone(response, () => gone.push(`${request.url} again`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
  server.closeAllConnections();
});

/** Asks for all of these in one breath. */
async function ask(...paths: string[]) {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  await eventually('all have begun', () => responses.length === paths.length);
  return socket;
}

describe('what is done when a response is gone', () => {
  it('is done once when it has ended, and the connection goes on', async () => {
    const socket = await ask('/1');
    responses[0]!.end();
    await eventually('it is gone', () => gone.length === 2);
    socket.write('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually('the next has begun', () => responses.length === 2);
    socket.destroy();
    await eventually('both are gone', () => gone.length === 4);
    expect(gone).toEqual(['/1', '/1 again', '/2', '/2 again']);
  });

  it('is done when the connection closes, also for those that are queued after the first and emit no "close"', async () => {
    const socket = await ask('/1', '/2', '/3');
    const closed: number[] = [];
    for (const [index, response] of responses.entries()) response.once('close', () => closed.push(index));
    socket.destroy();
    await eventually('all are gone', () => gone.length === 6);
    expect([...gone].sort()).toEqual(['/1', '/1 again', '/2', '/2 again', '/3', '/3 again']);
    expect(closed).toEqual([0]);
  });

  it('is done at once when it is gone already', async () => {
    const socket = await ask('/1', '/2');
    socket.destroy();
    await eventually('it is gone', () => gone.length === 4);
    for (const response of responses) {
      let called = false;
      whenGone(response, () => (called = true));
      expect(called).toBe(true);
    }
  });

  it('leaves no listeners on a connection that goes on', async () => {
    const socket = await ask('/0');
    const { socket: served } = responses[0]!.req;
    responses[0]!.end();
    await eventually('it is gone', () => gone.length === 2);
    const before = served.listenerCount('close');
    for (let count = 1; count <= 20; count++) {
      socket.write(`GET /${count} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await eventually('it has begun', () => responses.length === count + 1);
      responses[count]!.end();
      await eventually('it is gone', () => gone.length === 2 * count + 2);
    }
    expect(served.listenerCount('close')).toBe(before);
  });
});
