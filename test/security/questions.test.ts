import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { openRaw, rawRequest } from '../support/raw-request';

/** What is held: an access webhook is asked no more than it can bear, and what it doesn't answer costs nobody else. */
const STEADY = 'steady-token';
let service: Server;
/** Questions that it hasn't answered, and how many it was asked. */
const hanging = new Set<ServerResponse>();
let asked = 0;
let most = 0;

beforeAll(async () => {
  service = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { token } = JSON.parse(body) as { token?: string };
      if (token === STEADY) {
        response.end('{"allow":true,"names":["steady"]}');
        return;
      }
      asked++;
      hanging.add(response);
      most = Math.max(most, hanging.size);
      response.once('close', () => hanging.delete(response));
    });
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
});

afterAll(() => {
  service.close();
  service.closeAllConnections();
});

const relay = underAttack(() => ({
  flags: ['--private', '--access-webhook', `http://127.0.0.1:${(service.address() as AddressInfo).port}/`],
  env: { SLUICE_ACCESS_WEBHOOK_SECRET: 'x'.repeat(32) },
  token: STEADY,
}));

describe('a webhook that hangs', () => {
  it('is asked few questions at a time for one address, however many ask on however many connections', async () => {
    await relay().figures('before');
    const statuses = new Map<string, number>();
    const sockets = Array.from({ length: 500 }, (_, connection) => {
      const socket = openRaw(relay().port);
      socket.setEncoding('latin1').on('data', (text: string) => {
        for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d+) /g)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      for (let count = 0; count < 3; count++) socket.write(`GET /watch/steady.mp4?token=${connection}-${count} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      return socket;
    });
    await eventually('all are answered', () => [...statuses.values()].reduce((sum, count) => sum + count, 0) === 1_500);
    expect([...statuses.keys()].sort()).toEqual(['429', '503']);
    // A question that was given up is seen to be so a little later than the next one.
    expect(most).toBeLessThanOrEqual(32);
    for (const socket of sockets) socket.destroy();
    await relay().figures(`1,500 requests, ${asked} questions`);
  });

  it('is asked once about a list, however many streams there are and however often it is asked for', async () => {
    asked = 0;
    const lists = await Promise.all(Array.from({ length: 10 }, () => rawRequest(relay().port, ['GET /api/streams?token=slow HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close'])));
    expect(lists.map(({ status }) => status)).toEqual(Array(10).fill(503));
    expect(asked).toBe(1);
  });
});
