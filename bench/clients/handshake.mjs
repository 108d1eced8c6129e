import { randomBytes } from 'node:crypto';

const HEAD_END = '\r\n\r\n';

/**
 * The request of a client that opens a WebSocket.
 * @param {{ host: string, path: string, protocol?: string | undefined }} options
 */
export function upgradeRequest({ host, path, protocol }) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    'Sec-WebSocket-Version: 13',
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  return lines.join('\r\n') + HEAD_END;
}

/** Reads the answer to it. */
export class UpgradeAnswer {
  #head = '';

  /**
   * Takes what has come.
   * @param {Buffer} bytes
   * @returns {{ refusal: string | undefined, rest: Buffer } | undefined} Once the answer is whole: its first line, if it is a refusal, and what came after it.
   */
  push(bytes) {
    this.#head += bytes.toString('latin1');
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return undefined;
    const [line = ''] = this.#head.split('\r\n', 1);
    return { refusal: line.startsWith('HTTP/1.1 101') ? undefined : line, rest: Buffer.from(this.#head.slice(end + HEAD_END.length), 'latin1') };
  }
}
