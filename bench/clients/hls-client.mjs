import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';

const HEAD_END = Buffer.from('\r\n\r\n');

/** An answer whose body has come whole. @typedef {{ status: number, headers: string, body: Buffer }} HttpAnswer */

/** A connection that is kept, over which one request is sent at a time: what a client costs is to be small. */
class KeptConnection {
  #socket;
  #port;
  /** @type {Buffer[]} */
  #pieces = [];
  /** @type {((answer: HttpAnswer) => void) | undefined} */
  #answered;
  /** @type {((error: Error) => void) | undefined} */
  #failed;

  /** @param {number} port */
  constructor(port) {
    this.#port = port;
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay();
    this.#socket.on('data', (piece) => this.#take(piece));
    this.#socket.on('error', () => undefined);
    this.#socket.once('close', () => this.#failed?.(new Error('The relay has closed the connection')));
  }

  /**
   * @param {string} path
   * @returns {Promise<HttpAnswer>}
   */
  get(path) {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${this.#port}\r\nAccept-Encoding: gzip\r\n\r\n`);
    });
  }

  destroy() {
    this.#failed = undefined;
    this.#socket.destroy();
  }

  /** @param {Buffer} piece */
  #take(piece) {
    this.#pieces.push(piece);
    const bytes = this.#pieces.length === 1 ? piece : Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    const answer = readAnswer(bytes);
    if (answer === undefined) return;
    this.#pieces = [];
    this.#failed = undefined;
    this.#answered?.(answer);
  }
}

/**
 * The answer, once all of it is there.
 * @param {Buffer} bytes
 * @returns {HttpAnswer | undefined}
 */
function readAnswer(bytes) {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const headers = bytes.toString('latin1', 0, end);
  const rest = bytes.subarray(end + HEAD_END.length);
  const status = Number(headers.slice(9, 12));
  const length = /\r\ncontent-length: (\d+)/i.exec(headers)?.[1];
  const body = length === undefined ? readChunks(rest) : rest.length >= Number(length) ? rest : undefined;
  return body && { status, headers, body };
}

/**
 * A body in chunks, once the last is there.
 * @param {Buffer} bytes
 * @returns {Buffer | undefined}
 */
function readChunks(bytes) {
  const chunks = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = parseInt(bytes.toString('latin1', at, end), 16);
    if (bytes.length < end + 2 + size + 2) return undefined;
    if (size === 0) return Buffer.concat(chunks);
    chunks.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
}

/** One player of Low-Latency HLS: it asks for the next playlist before it is there, and then for the part that has come. */
export class HlsClient {
  #connection;
  #stream;
  /** Where its media playlist is: below a session of its own, which the relay makes. */
  #folder = '';
  #stopped = false;
  /** @type {string | undefined} */
  #last;

  /** Parts, and their bytes, that have come. */
  parts = 0;
  bytes = 0;
  /**
   * What was wrong: a part that wasn't whole, a playlist that was older than what was asked for, a refusal.
   * @type {string[]}
   */
  problems = [];

  /** @param {{ port: number, stream: string }} options */
  constructor({ port, stream }) {
    this.#connection = new KeptConnection(port);
    this.#stream = stream;
  }

  /** Plays until `stop`. */
  async play() {
    const index = await this.#get('index.m3u8');
    this.#folder = /^.*\/(?=media\.m3u8$)/m.exec(index === undefined ? '' : textOf(index))?.[0] ?? '';
    let query = '';
    while (!this.#stopped) {
      const answer = await this.#get(`media.m3u8?${query}`);
      if (answer === undefined) return;
      const text = textOf(answer);
      query = await this.#fetchParts(text, query);
    }
  }

  stop() {
    this.#stopped = true;
    this.#connection.destroy();
  }

  /**
   * Fetches the parts that are new, and says how to ask for the next playlist.
   * @param {string} text
   * @param {string} query
   */
  async #fetchParts(text, query) {
    const parts = [...text.matchAll(/EXT-X-PART:.*?URI="([^"]+)"/g)].map(([, address = '']) => address);
    const known = this.#last === undefined ? parts.length - 1 : parts.indexOf(this.#last) + 1;
    const fresh = parts.slice(known);
    if (fresh.length === 0 && query !== '') this.problems.push('a playlist without what was asked for');
    for (const address of fresh) {
      const part = await this.#get(address);
      if (part === undefined) break;
      if (!isWhole(part.body)) this.problems.push(`half a part of ${part.body.length} bytes`);
      this.parts++;
      this.bytes += part.body.length;
      this.#last = address;
    }
    const first = Number(/EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);
    const whole = text.match(/^#EXTINF/gm)?.length ?? 0;
    const open = text.slice(text.lastIndexOf('#EXTINF')).match(/EXT-X-PART:/g)?.length ?? 0;
    return `_HLS_msn=${first + whole}&_HLS_part=${open}&`;
  }

  /** @param {string} path */
  async #get(path) {
    try {
      const answer = await this.#connection.get(`/hls/${this.#stream}/${this.#folder}${path}`);
      if (answer.status === 200) return answer;
      this.problems.push(`${answer.status} for ${path.replace(/.*\//, '')}`);
      this.#stopped = true;
    } catch (error) {
      if (!this.#stopped) this.problems.push(String(error));
      this.#stopped = true;
    }
    return undefined;
  }
}

/** @param {HttpAnswer} answer */
function textOf({ headers, body }) {
  return (/content-encoding: gzip/i.test(headers) ? gunzipSync(body) : body).toString();
}

/**
 * Whether these are whole boxes, a `moof` first.
 * @param {Buffer} bytes
 */
function isWhole(bytes) {
  let at = 0;
  while (at + 8 <= bytes.length) at += Math.max(8, bytes.readUInt32BE(at));
  return at === bytes.length && bytes.toString('latin1', 4, 8) === 'moof';
}
