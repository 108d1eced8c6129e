import { once } from 'node:events';
import { request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { initOf, piecesOf, videoOf } from '../../bench/media/live-media.mjs';
import { underAttack } from '../support/attacked-relay';
import { UPGRADE } from '../support/raw-request';

/** What is held: viewers who don't read what they are sent cost the memory of the newest GOP once, and not a copy of it each. */
const relay = underAttack({ flags: ['--tls-self-signed'] });

const VIEWERS = 30;
/** A GOP of 18 MB: 30 copies of it would be 540 MB. */
const STREAM = videoOf(150_000_000);
const open: TLSSocket[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

/** Publishes the GOP; the stream stays until the returned function is called. */
async function publishGop(name: string): Promise<() => void> {
  const put = request(`${relay().url}/publish/${name}`, { method: 'PUT', rejectUnauthorized: false });
  put.on('error', () => undefined);
  put.write(initOf(STREAM));
  for (const { bytes } of piecesOf(STREAM, 1)) if (!put.write(bytes)) await once(put, 'drain');
  return () => void put.destroy();
}

/** Asks, reads the first bytes of the answer, and nothing more. */
async function askAndStop(lines: readonly string[]): Promise<void> {
  const socket = connect({ port: relay().port, host: '127.0.0.1', rejectUnauthorized: false });
  open.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(`${[...lines, 'Host: 127.0.0.1'].join('\r\n')}\r\n\r\n`);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  expect(bytes.toString('latin1')).toMatch(/^HTTP\/1\.1 (101|200)/);
}

describe('viewers over TLS who read nothing', () => {
  it.each([
    ['a WebSocket', (name: string) => [`GET /watch/${name} HTTP/1.1`, ...UPGRADE, 'Sec-WebSocket-Protocol: sluice.v1']],
    ['HTTP', (name: string) => [`GET /watch/${name}.mp4 HTTP/1.1`]],
  ])('by %s cost the relay no copy of the GOP each', async (door, lines) => {
    const name = door.replace(/\W/g, '');
    const end = await publishGop(name);
    for (let viewers = 0; viewers < VIEWERS; viewers++) await askAndStop(lines(name));
    await relay().expectAll();
    end();
  });
});
