import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { connectPublisher, send } from '../support/publishing';
import { errorCode, openPush } from '../support/push';
import { startRelay, type TestRelay } from '../support/relay';
import { heavyMedia, sampleMedia } from '../support/sample-media';
import { liveStream } from '../support/streams';
import { TestSocket } from '../support/test-socket';

/** What a relay that stops gives those who are slow, ms. */
const FLUSH_TIME = 2_500;

let relay: TestRelay;

beforeEach(async () => {
  relay = await startRelay();
});

afterEach(() => relay.close());

/** Stops the relay while its time stands still: a relay that waited for anybody would not end. */
async function stopInNoTime(): Promise<void> {
  const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
  try {
    await relay.close();
  } finally {
    now.mockRestore();
  }
}

async function publish(): Promise<TestSocket> {
  const { init, fragments } = await sampleMedia();
  const publisher = await connectPublisher(relay.wsUrl, 'cam');
  await send(publisher, init, ...fragments.slice(0, 5));
  return publisher;
}

/** Opens a progressive stream whose body is not read yet. */
async function openStream(name: string): Promise<IncomingMessage> {
  const asked = request(`${relay.url}/watch/${name}.mp4`, { agent: false });
  asked.end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response;
}

describe('a relay that stops', () => {
  it('tells publishers and viewers that it restarts, and doesn’t wait for anybody when they are gone', async () => {
    const publisher = await publish();
    const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
    const plain = await TestSocket.plain(`${relay.wsUrl}/watch/cam`);
    await viewer.nextMedia();
    await plain.nextMedia();
    const stopped = stopInNoTime();
    for (const client of [publisher, viewer]) expect(await client.next('end')).toEqual({ type: 'end', reason: 'restart' });
    for (const client of [publisher, viewer, plain]) expect(await client.closed).toEqual({ code: 1012, reason: 'restart' });
    await stopped;
  });

  it('ends progressive streams as files end', async () => {
    await publish();
    const response = await openStream('cam');
    const stopped = stopInNoTime();
    expect((await buffer(response)).length).toBeGreaterThan(0);
    expect(response.complete).toBe(true);
    await stopped;
  });

  it('answers a push with its code', async () => {
    const { init, fragments } = await sampleMedia();
    const { request: sent, answer } = openPush(`${relay.url}/publish/cam`);
    sent.on('error', () => undefined);
    sent.write(Buffer.concat([init, ...fragments.slice(0, 5)]));
    await liveStream(relay.url, 'cam');
    const stopped = relay.close();
    const refusal = await answer;
    expect({ status: refusal.status, code: errorCode(refusal) }).toEqual({ status: 503, code: 'restarting' });
    await stopped;
  });

  it('takes no more connections, and nobody on those it has', async () => {
    const early = connect(relay.port, '127.0.0.1');
    await once(early, 'connect');
    const served = connect(relay.port, '127.0.0.1');
    served.write('GET /watch/cam.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await once(served, 'data');
    const stopped = relay.close();
    const late = connect(relay.port, '127.0.0.1');
    await expect(once(late, 'connect')).rejects.toThrow('ECONNREFUSED');
    for (const socket of [early, served]) {
      socket.on('error', () => undefined);
      socket.write('GET /watch/cam HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n');
      const answers: Buffer[] = [];
      socket.on('data', (bytes) => answers.push(bytes));
      if (!socket.closed) await once(socket, 'close');
      expect(Buffer.concat(answers).toString()).not.toMatch(/^HTTP\/1\.1 101/m);
    }
    await stopped;
    expect(relay.registry.get('cam')).toBeUndefined();
  });

  describe('with viewers for whom much is queued', () => {
    /** A viewer by each door that reads nothing, and for whom something waits in the relay. */
    async function slowViewers(): Promise<{ viewer: TestSocket; response: IncomingMessage }> {
      const { init, fragments } = await heavyMedia();
      const publisher = await connectPublisher(relay.wsUrl, 'cam');
      await send(publisher, init, fragments[0]!);
      const viewer = await TestSocket.speaking(`${relay.wsUrl}/watch/cam`);
      await viewer.nextMedia();
      viewer.socket.pause();
      const response = await openStream('cam');
      await send(publisher, ...fragments.slice(1, 10));
      return { viewer, response };
    }

    it('lets them have all of it', async () => {
      const { viewer, response } = await slowViewers();
      const stopped = relay.close();
      viewer.socket.resume();
      await buffer(response);
      expect(response.complete).toBe(true);
      expect(await viewer.closed).toEqual({ code: 1012, reason: 'restart' });
      expect(viewer.events.at(-1)).toEqual({ type: 'end', reason: 'restart' });
      await stopped;
    });

    it('cuts them off after 2.5 s if they don’t read it', async () => {
      const { response } = await slowViewers();
      response.on('error', () => undefined);
      const since = performance.now();
      await relay.close();
      expect(performance.now() - since).toBeGreaterThan(FLUSH_TIME - 100);
    });
  });
});
