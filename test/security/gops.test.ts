import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { endlessPieces, initOf, videoOf } from '../../bench/media/live-media.mjs';
import { type AttackedRelay, underAttack } from '../support/attacked-relay';
import { eventually } from '../support/eventually';
import { UPGRADE } from '../support/raw-request';

const MIB = 1 << 20;
/** A GOP of 18 MB each second: 12 of them are 225 MB. */
const STREAM = videoOf(150_000_000);
const GOP_CHUNKS = 30;
const GOPS = 12;
/** The window of the stream, and what a quiet relay wanders by. */
const STREAM_BOUND = (32 + 24) * MIB;
/** What may wait for the viewers of one GOP, who share it: a piece, and what was queued before. */
const GOP_BOUND = 2 * MIB;
/** How often those who pause say that they are there, and the publisher does, ms. */
const SIGN_OF_LIFE = 2_000;

/** A frame of a client, masked with zeros. */
function frameOf(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

/** Sends a request whose body or answer goes on. */
function ask(relay: AttackedRelay, path: string, options: RequestOptions): ReturnType<typeof httpRequest> {
  const request = (relay.url.startsWith('https') ? httpsRequest : httpRequest)(relay.url + path, { ...options, rejectUnauthorized: false, agent: false } as RequestOptions);
  return request.on('error', () => undefined);
}

async function viewersOf(relay: AttackedRelay, name: string): Promise<{ state: string; transport: string }[]> {
  const request = ask(relay, `/api/streams/${name}/viewers`, {});
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  let text = '';
  for await (const part of response) text += String(part);
  const { viewers } = JSON.parse(text) as { viewers: { state: string; transport: string }[] };
  return viewers;
}

/** Asks for a stream, reads the first bytes of the answer, and nothing more. */
async function askAndStop(relay: AttackedRelay, lines: readonly string[]): Promise<Socket> {
  const socket = relay.url.startsWith('https') ? connectTls({ port: relay.port, host: '127.0.0.1', rejectUnauthorized: false }) : connectPlain(relay.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${[...lines, 'Host: 127.0.0.1'].join('\r\n')}\r\n\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 (101|200)/);
  return socket;
}

describe.each([
  ['TCP', []],
  ['TLS', ['--tls-self-signed']],
])('viewers over %s who come at different GOPs and read nothing', (link, flags) => {
  const running = underAttack({ flags });

  it('cost the relay a piece of each GOP, and then nothing, even if they pause and give signs of life', async () => {
    const relay = running();
    const name = `gops${link}`;
    const put = ask(relay, `/publish/${name}`, { method: 'PUT' });
    put.write(initOf(STREAM));
    const pieces = endlessPieces(STREAM);
    const sockets: Socket[] = [];
    const paused: Socket[] = [];
    let published = false;
    const living = setInterval(() => {
      if (published) put.write(pieces.next().value.bytes);
      for (const socket of paused) socket.write(frameOf('{"type":"ping","id":1}'));
    }, SIGN_OF_LIFE);
    try {
      for (let gop = 0; gop < GOPS; gop++) {
        for (let count = 0; count < GOP_CHUNKS; count++) if (!put.write(pieces.next().value.bytes)) await once(put, 'drain');
        const socket = await askAndStop(relay, [`GET /watch/${name} HTTP/1.1`, ...UPGRADE, 'Sec-WebSocket-Protocol: sluice.v1']);
        socket.write(frameOf('{"type":"pause"}'));
        paused.push(socket);
        sockets.push(socket, await askAndStop(relay, [`GET /watch/${name} HTTP/1.1`, ...UPGRADE]), await askAndStop(relay, [`GET /watch/${name}.mp4 HTTP/1.1`]));
        // The next GOP must come while nobody reads any more.
        await eventually('the newest viewer pauses', async () => (await viewersOf(relay, name)).every(({ state, transport }) => transport !== 'sluice.v1' || state === 'paused'));
      }
      published = true;
      expect((await relay.growth()) / MIB).toBeLessThan((STREAM_BOUND + GOPS * GOP_BOUND) / MIB);
      // For those who stay, nothing waits in the relay: the system has taken what they were sent before they paused.
      await eventually('everybody is let go but those who pause', async () => (await viewersOf(relay, name)).every(({ state }) => state === 'paused'));
      await eventually('nothing waits for anybody', async () => (await relay.growth()) < STREAM_BOUND);
      await relay.expectAll();
      await relay.figures(`viewers at ${GOPS} GOPs over ${link}`);
    } finally {
      clearInterval(living);
      for (const socket of sockets) socket.destroy();
      put.destroy();
    }
  });
});
