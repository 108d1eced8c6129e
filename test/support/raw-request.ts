import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a client must say for a WebSocket. */
export const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', 'Sec-WebSocket-Version: 13'];

/** An answer as it came. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** The code of the error in its body, if there is one. */
  readonly code: string | undefined;
  /** How many answers came. */
  readonly answers: number;
}

/** A connection that is broken off by the relay, or breaks off, says no more of it. */
export function openRaw(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  return socket;
}

/** Sends lines as they stand, which no HTTP client would, and gives what comes back until the relay closes. */
export async function rawRequest(port: number, lines: readonly string[], body: Uint8Array | string = ''): Promise<RawAnswer> {
  const socket = openRaw(port);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  socket.write(body);
  const parts: Buffer[] = [];
  try {
    for await (const part of socket) parts.push(part as Buffer);
  } catch {
    // What came before the connection was broken off is the answer.
  }
  return readAnswer(Buffer.concat(parts).toString('latin1'));
}

function readAnswer(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  const [, code] = /"code":"([a-z-]+)"/.exec(body) ?? [];
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body, code, answers: text.match(/HTTP\/1\.1 \d+/g)?.length ?? 0 };
}

/** How many connections ask, and how many requests each sends in one breath. */
const ASKING = 10;
const BREATH = 50;

/** Asks for many paths, many at a time, and gives how often each status came. */
export async function statusesOf(port: number, paths: readonly string[]): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const left = [...paths];
  const ask = async (): Promise<void> => {
    const socket = openRaw(port);
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    while (left.length > 0) {
      const some = left.splice(0, BREATH);
      text = '';
      socket.write(some.map((path) => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`).join(''));
      let found: string[] = [];
      while (found.length < some.length) {
        await once(socket, 'data');
        found = [...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status = '']) => status);
      }
      for (const status of found) statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
    }
    socket.destroy();
  };
  await Promise.all(Array.from({ length: ASKING }, ask));
  return statuses;
}
