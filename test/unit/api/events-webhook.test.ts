import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { EventsWebhook } from '../../../src/api/events-webhook';
import { RelayEvents } from '../../../src/api/relay-events';
import type { RelayEvent } from '../../../src/protocol/api-event';
import { Backoff, RETRY } from '../../../src/protocol/backoff';
import { eventually } from '../../support/eventually';
import { FakeRelay } from '../../support/fake-relay';
import { listLog, type LogLine } from '../../support/relay';

const SECRET = 's'.repeat(32);

let server: Server;
let relay: FakeRelay;
let webhook: EventsWebhook;
let logged: LogLine[];
let posted: RelayEvent[];
let signatures: { given: string | string[] | undefined; right: string }[];
/** How the service answers. */
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  relay = new FakeRelay();
  logged = [];
  posted = [];
  signatures = [];
  answer = (response) => response.end();
  server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const events = new RelayEvents({ registry: relay.registry, clock: relay.clock });
  relay.registry.observe(events);
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hidden`);
  webhook = new EventsWebhook({ target: { url, secret: SECRET }, events, clock: relay.clock, log: listLog(logged), backoff: new Backoff(() => 1, RETRY) });
  webhook.onApplicationBootstrap();
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await webhook.beforeApplicationShutdown();
});

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  posted.push(JSON.parse(body) as RelayEvent);
  signatures.push({ given: request.headers['sluice-signature'], right: `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}` });
  answer(response);
}

const arrived = (count: number): Promise<true> => eventually(`${count} posts`, () => posted.length >= count);
/** The wait for the next try has begun. */
const waits = async (timers: number): Promise<void> => {
  await eventually('a wait', () => relay.clock.pending > timers);
};

describe('the webhook of events', () => {
  it('is told, signed and in order, that a stream has begun and ended, and nothing else', async () => {
    const feed = relay.live();
    relay.watch();
    feed.lost();
    relay.live().end();
    await arrived(2);
    expect(posted).toMatchObject([{ type: 'stream-live', name: 'cam', resumed: false }, { type: 'stream-ended', name: 'cam', reason: 'ended' }]);
    expect(signatures.every(({ given, right }) => given === right)).toBe(true);
  });

  it('is told again of what it didn’t take, ever later, and of the next after that', async () => {
    answer = (response) => response.writeHead(503).end();
    relay.live().end();
    const idle = relay.clock.pending;
    for (const [tries, wait] of [1_000, 2_000, 4_000].entries()) {
      await arrived(tries + 1);
      await waits(idle);
      relay.clock.pass(wait - 1);
      expect(posted).toHaveLength(tries + 1);
      if (tries === 2) answer = (response) => response.end();
      relay.clock.pass(1);
    }
    await arrived(5);
    expect(posted.map(({ type }) => type)).toEqual([...Array.from({ length: 4 }, () => 'stream-live'), 'stream-ended']);
    expect(new Set(posted.map(({ id }) => id)).size).toBe(2);
    expect(logged).toEqual([]);
  });

  it('is given up after five tries, which the log is told once a minute, without what is secret', async () => {
    answer = (response) => response.writeHead(500).end();
    relay.live();
    const idle = relay.clock.pending;
    relay.registry.end('cam');
    for (let tries = 1; tries <= 10; tries++) {
      await arrived(tries);
      if (tries % 5 === 0) continue;
      await waits(idle - 1);
      relay.clock.pass(8_000);
    }
    await eventually('the second is given up', () => relay.clock.pending < idle);
    expect(logged).toMatchObject([{ level: 'warn', message: 'Events could not be posted', fields: { lost: 1, reason: 'It answered with status 500' } }]);
    expect(JSON.stringify(logged)).not.toContain('hidden');
  });

  it('holds a hundred events while it doesn’t answer, and drops the oldest of more', async () => {
    answer = () => undefined;
    for (let index = 0; index < 80; index++) relay.live().end();
    await arrived(1);
    answer = (response) => response.end();
    server.closeAllConnections();
    await eventually('it is tried again', () => {
      relay.clock.pass(1_000);
      return posted.length >= 101;
    });
    expect(posted.at(-1)).toMatchObject({ type: 'stream-ended' });
    expect(logged).toMatchObject([{ fields: { reason: 'Too many events wait' } }]);
  });

  it('is told what is left where the relay stops, for two seconds', async () => {
    relay.live();
    await arrived(1);
    answer = () => undefined;
    relay.registry.close();
    const closed = webhook.beforeApplicationShutdown();
    await arrived(2);
    relay.clock.pass(2_000);
    await closed;
    expect(posted[1]).toMatchObject({ type: 'stream-ended', reason: 'restart' });
  });

  it('follows no redirection', async () => {
    answer = (response) => response.writeHead(307, { Location: '/elsewhere' }).end();
    relay.live();
    await arrived(1);
    await waits(1);
    expect(posted).toHaveLength(1);
  });
});
