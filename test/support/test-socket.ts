import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import type { PublishEvent } from '../../src/protocol/publish-message';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import type { WatchEvent } from '../../src/protocol/watch-message';

type RelayEvent = PublishEvent | WatchEvent;
type OfType<Type> = Extract<RelayEvent, { type: Type }>;
type Received = { readonly event: RelayEvent } | { readonly bytes: Buffer };

/** A WebSocket client that keeps all that it gets, in order, and whose tests wait for what should come. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly received: Received[] = [];
  /** Whether it answers `sync`, as a player does. */
  answersSync = true;
  /** How it was closed, once it is. */
  readonly closed: Promise<{ code: number; reason: string }>;
  #cursor = 0;
  #closedAs: { code: number; reason: string } | undefined;
  #notify: (() => void)[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#take(isBinary ? { bytes: data } : { event: JSON.parse(data.toString()) as RelayEvent });
      this.#wake();
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#closedAs = { code, reason: reason.toString() };
        this.#wake();
        resolve(this.#closedAs);
      });
    });
  }

  /** Opens a socket that speaks `sluice.v1`. */
  static speaking(url: string, headers: Record<string, string> = {}): Promise<TestSocket> {
    return TestSocket.#open(new WebSocket(url, [SUBPROTOCOL], { headers }));
  }

  /** Opens a socket that knows of no messages. */
  static plain(url: string, headers: Record<string, string> = {}, options: ClientOptions = {}): Promise<TestSocket> {
    return TestSocket.#open(new WebSocket(url, { headers, ...options }));
  }

  static async #open(socket: WebSocket): Promise<TestSocket> {
    const opened = new TestSocket(socket);
    await once(socket, 'open');
    return opened;
  }

  /** Every message so far. */
  get events(): RelayEvent[] {
    return this.received.flatMap((message) => ('event' in message ? [message.event] : []));
  }

  /** All binary messages so far, joined. */
  get media(): Buffer {
    return Buffer.concat(this.received.flatMap((message) => ('bytes' in message ? [message.bytes] : [])));
  }

  /** The next message of that type behind those that were waited for before. */
  async next<Type extends RelayEvent['type']>(type: Type): Promise<OfType<Type>> {
    for (;;) {
      while (this.#cursor < this.received.length) {
        const message = this.received[this.#cursor++]!;
        if ('event' in message && message.event.type === type) return message.event as OfType<Type>;
      }
      await this.#more(`a message "${type}"`);
    }
  }

  /** The next binary message behind what was waited for before. */
  async nextMedia(): Promise<Buffer> {
    for (;;) {
      while (this.#cursor < this.received.length) {
        const message = this.received[this.#cursor++]!;
        if ('bytes' in message) return message.bytes;
      }
      await this.#more('media');
    }
  }

  /** Waits until `count` bytes of media, init segments included, are in. */
  async mediaOf(count: number): Promise<Buffer> {
    while (this.media.length < count) await this.#more(`${count} bytes of media, not ${this.media.length}`);
    return this.media;
  }

  tell(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  send(media: Uint8Array): void {
    this.socket.send(media);
  }

  #take(message: Received): void {
    this.received.push(message);
    if (this.answersSync && 'event' in message && message.event.type === 'sync') this.tell({ type: 'ok', id: message.event.id });
  }

  #more(wanted: string): Promise<void> {
    if (this.#closedAs !== undefined) throw new Error(`Closed with ${this.#closedAs.code} "${this.#closedAs.reason}" while waiting for ${wanted}`);
    return new Promise((resolve) => this.#notify.push(resolve));
  }

  #wake(): void {
    const waiting = this.#notify;
    this.#notify = [];
    for (const resolve of waiting) resolve();
  }
}

/** What an upgrade is answered with over HTTP. */
export async function refusedUpgrade(
  url: string,
  options: { protocols?: string[]; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: { error: { code: string; message: string; remedy: string } } }> {
  const socket = new WebSocket(url, options.protocols ?? [], { headers: options.headers ?? {} });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, import('node:http').IncomingMessage];
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode!, body: JSON.parse(Buffer.concat(parts).toString()) };
}
