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
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, body, code };
}
