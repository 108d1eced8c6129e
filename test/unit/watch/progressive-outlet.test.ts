import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { placeChunk } from '../../../src/relay/media-message';
import { ProgressiveOutlet } from '../../../src/watch/progressive-outlet';
import { FakeClock } from '../../support/fake-clock';
import { initSegment, key } from '../../support/fake-media';

/** More than the system takes for a client that doesn't read. */
const MUCH = 64 << 20;

const server = createServer();
let client: Socket;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => void client.destroy());
afterAll(() => void server.close());

/** A response whose client reads nothing. */
async function unread(): Promise<ServerResponse> {
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  client.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return response;
}

describe('a file over HTTP that has ended', () => {
  it('is cut off if the rest of it isn’t read for 30 s', async () => {
    const clock = new FakeClock();
    const response = await unread();
    const outlet = new ProgressiveOutlet(response, { clock, continuous: true });
    outlet.begin({ epoch: 'a', init: initSegment(), position: 0, resumed: false });
    outlet.sendAll([placeChunk(key({ size: MUCH }), { from: 0, at: 0 })]);
    outlet.end();
    outlet.end();
    clock.pass(29_999);
    expect([response.destroyed, outlet.queued() > 0]).toEqual([false, true]);
    const closed = once(response, 'close');
    clock.pass(1);
    await closed;
    expect(clock.pending).toBe(0);
  });

  it('is left alone once it has been read', async () => {
    const clock = new FakeClock();
    const response = await unread();
    const outlet = new ProgressiveOutlet(response, { clock, continuous: true });
    outlet.begin({ epoch: 'a', init: initSegment(), position: 0, resumed: false });
    const closed = once(response, 'close');
    outlet.end();
    client.resume();
    await closed;
    expect([clock.pending, client.destroyed]).toEqual([0, false]);
  });
});
