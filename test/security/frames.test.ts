import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { clientFrame } from '../../bench/clients/client-frame.mjs';
import { OPCODE } from '../../bench/clients/frame-reader.mjs';
import { underAttack } from '../support/attacked-relay';
import { openRaw, UPGRADE } from '../support/raw-request';

/** What is held: frames that RFC 6455 forbids end the connection that sent them, and none makes the relay hold more than its bound. */
const relay = underAttack();
const opened: Socket[] = [];

afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

interface Opened {
  readonly socket: Socket;
  readonly head: string;
  /** All behind the head, once the relay has closed. */
  readonly rest: Promise<Buffer>;
}

/** Opens a WebSocket whose frames the caller makes. */
async function open(path: string, ...headers: string[]): Promise<Opened> {
  const socket = openRaw(relay().port);
  opened.push(socket);
  socket.write([`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', ...UPGRADE, ...headers, '', ''].join('\r\n'));
  const parts: Buffer[] = [];
  socket.on('data', (bytes: Buffer) => parts.push(bytes));
  const rest = once(socket, 'close').then(() => Buffer.concat(parts));
  await once(socket, 'data');
  return { socket, head: Buffer.concat(parts).toString('latin1').split('\r\n\r\n')[0] ?? '', rest };
}

/** The code of the close frame at the end of what came. */
function closeCode(bytes: Buffer): number | undefined {
  const at = bytes.lastIndexOf(0x88);
  return at < 0 ? undefined : bytes.readUInt16BE(at + 2);
}

/** A frame with a mask, whose first byte is as it is given. */
function rawFrame(first: number, payload: Buffer): Buffer {
  const frame = clientFrame(OPCODE.binary, payload);
  frame[0] = first;
  return frame;
}

const DOORS = ['/watch/steady', '/publish/frames'];

describe('compression', () => {
  it.each(DOORS)('is agreed on with nobody at %s', async (path) => {
    const { head } = await open(path, 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits', 'Sec-WebSocket-Extensions: permessage-deflate');
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(head).not.toMatch(/Sec-WebSocket-Extensions/i);
  });

  it.each(DOORS)('is never undone: a bomb of 100 MB in 100 KB ends its connection at %s', async (path) => {
    const bomb = await promisify(deflateRaw)(Buffer.alloc(100 << 20));
    expect(bomb.length).toBeLessThan(110_000);
    const { socket, rest } = await open(path, 'Sec-WebSocket-Extensions: permessage-deflate');
    // The bit RSV1: this message is compressed.
    socket.write(rawFrame(0xc2, bomb));
    expect(closeCode(await rest)).toBe(1002);
  });

  it('of a body is not undone, either', async () => {
    const bomb = await promisify(deflateRaw)(Buffer.alloc(50 << 20));
    const answer = await fetch(`${relay().url}/publish/frames`, { method: 'PUT', headers: { 'Content-Encoding': 'deflate' }, body: new Uint8Array(bomb) });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toMatchObject({ error: { code: 'not-a-container' } });
  });
});

describe('a frame', () => {
  it.each([
    ['that is a fragmented ping', () => rawFrame(0x09, Buffer.from('x'))],
    ['that is a fragmented close', () => rawFrame(0x08, Buffer.from([0x03, 0xe8]))],
    ['that is a ping of 126 bytes', () => rawFrame(0x89, Buffer.alloc(126))],
    ['that goes on with nothing', () => rawFrame(0x80, Buffer.from('x'))],
    ['that begins anew in the middle of a message', () => Buffer.concat([rawFrame(0x02, Buffer.from('x')), rawFrame(0x02, Buffer.from('x'))])],
    ['of an unknown kind', () => rawFrame(0x83, Buffer.from('x'))],
    ['with a reserved bit', () => rawFrame(0xa2, Buffer.from('x'))],
    ['without a mask', () => Buffer.from([0x82, 0x01, 0x78])],
    ['that closes with a forbidden code', () => rawFrame(0x88, Buffer.from([0x03, 0xed]))],
    ['that closes with half a code', () => rawFrame(0x88, Buffer.from([0x03]))],
  ])('%s ends the connection by a protocol error', async (_what, frame) => {
    for (const path of DOORS) {
      const { socket, rest } = await open(path);
      socket.write(frame());
      expect(closeCode(await rest)).toBe(1002);
    }
  });

  it('of text that is no UTF-8 ends the connection', async () => {
    for (const path of DOORS) {
      const { socket, rest } = await open(path);
      socket.write(rawFrame(0x81, Buffer.from([0xc0, 0xaf])));
      expect(closeCode(await rest)).toBe(1007);
    }
  });

  it.each([
    ['2^62 bytes', 1n << 62n],
    ['2^64 - 1 bytes', (1n << 64n) - 1n],
    ['1 GiB', 1n << 30n],
  ])('that promises %s is refused before any of it is held', async (_what, length) => {
    for (const path of DOORS) {
      const { socket, rest } = await open(path);
      const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
      head.writeBigUInt64BE(length, 2);
      socket.write(head);
      expect([1009, 4413]).toContain(closeCode(await rest));
    }
  });
});

describe('a message in pieces', () => {
  it('beyond the bound is refused, however small they are', async () => {
    for (const path of DOORS) {
      const { socket, rest } = await open(path);
      socket.write(rawFrame(0x02, randomBytes(1_000)));
      const piece = rawFrame(0x00, randomBytes(60_000));
      for (let sent = 0; !socket.closed && sent < 64 << 20; sent += 60_000) {
        if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), rest]);
      }
      expect([1009, 4413, 4429, 1008]).toContain(closeCode(await rest));
    }
  });

  it('that are empty, without end, costs nothing that grows', async () => {
    for (const path of DOORS) {
      const { socket, rest } = await open(path);
      socket.write(rawFrame(0x02, Buffer.alloc(0)));
      const empty = Buffer.concat(Array.from({ length: 1_000 }, () => rawFrame(0x00, Buffer.alloc(0))));
      for (let count = 0; !socket.closed && count < 200; count++) {
        if (!socket.write(empty)) await Promise.race([once(socket, 'drain'), rest]);
      }
      await relay().expectAll();
      socket.destroy();
    }
  });
});

describe('a flood of control frames', () => {
  it.each([
    ['pings', 0x89],
    ['pongs', 0x8a],
  ])('by %s ends the connection that sends them', async (_what, first) => {
    for (const path of DOORS) {
      const { socket, rest } = await open(path);
      socket.write(Buffer.concat(Array.from({ length: 5_000 }, () => rawFrame(first, Buffer.alloc(0)))));
      expect(closeCode(await rest)).toBe(4429);
    }
  });
});
