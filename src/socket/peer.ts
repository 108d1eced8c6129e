import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { nextTick, on, once } from '../base/guard';
import { codedError } from '../http/refuse';
import type { MediaBytes } from '../media/chunk';
import type { MediaPieces } from '../media/patched-media';
import type { SluiceError } from '../protocol/error-code';
import type { PublishEvent } from '../protocol/publish-message';
import { SUBPROTOCOL } from '../protocol/subprotocol';
import type { WatchEvent } from '../protocol/watch-message';
import type { MediaMessage } from '../relay/media-message';
import { closeReason, endSocket, refuseSocket } from './farewell';
import { frameOf, frameOfPieces } from './frame';
import { REFUSED } from './relay-socket';

/** How many bytes of answers may wait for a client that doesn't read them; then its requests aren't read either. */
const MAX_ANSWERS = 64 << 10;
/** The largest control frame (RFC 6455, section 5.5): what a ping of the client can cost. */
const MAX_CONTROL_FRAME = 127;

/** What a session hears of its client. */
export interface PeerListener {
  text(text: string): void;
  /** The bytes belong to the listener only until it returns. */
  binary(bytes: Uint8Array): void;
  /** The client has answered a ping that had this payload, or one of its own making came. */
  pong?(payload: Buffer): void;
  /** Nothing is queued any more, after `Peer.full`. */
  drained(): void;
  /** What came is too much for the socket, which has told so and closes. */
  refused(error: SluiceError): void;
  closed(code: number): void;
}

/**
 * The client at the other end of a WebSocket. Media is written to the connection itself, as frames that all clients
 * share, and only whole ones, so that the frames of `ws` never fall into their middle (without permessage-deflate it writes
 * at once, in order). All that is written at one go leaves in one system call.
 */
export class Peer {
  readonly #socket: WebSocket;
  readonly #connection: Socket;
  #corked = false;
  #answers = 0;
  /** Why nothing is read from it: it doesn't read its answers, or somebody holds it. */
  #unread = false;
  #held = false;

  constructor(socket: WebSocket, connection: Socket) {
    this.#socket = socket;
    this.#connection = connection;
    on(socket, 'ping', () => this.#countAnswer(MAX_CONTROL_FRAME));
  }

  /** Whether the client takes and sends control messages. */
  get speaks(): boolean {
    return this.#socket.protocol === SUBPROTOCOL;
  }

  /** Bytes that the system hasn't taken yet. */
  get queued(): number {
    return this.#connection.writableLength;
  }

  /** While it is held nothing is read from it: its connection fills up, and it slows down. */
  hold(held: boolean): void {
    this.#held = held;
    this.#readOn();
  }

  /** Whether so much is queued that `PeerListener.drained` will be called once it has left. */
  get full(): boolean {
    return this.#connection.writableNeedDrain;
  }

  /** Hands over what comes from now on. What a listener throws is told to the client as a final error. */
  listen(listener: PeerListener): void {
    // `ws` gives one Buffer per message unless its binaryType is changed.
    on(this.#socket, 'message', (data: Buffer, isBinary: boolean) => {
      this.attempt(() => (isBinary ? listener.binary(data) : listener.text(data.toString())));
    });
    if (listener.pong !== undefined) on(this.#socket, 'pong', (payload: Buffer) => this.attempt(() => listener.pong?.(payload)));
    once(this.#socket, REFUSED, (error: SluiceError) => listener.refused(error));
    once(this.#socket, 'close', (code: number) => listener.closed(code));
    on(this.#connection, 'drain', () => {
      this.#answers = 0;
      this.#unread = false;
      this.#readOn();
      this.attempt(() => listener.drained());
    });
  }

  /** Runs a step of a session. What it throws is told to the client as a final error. */
  attempt(run: () => void): void {
    try {
      run();
    } catch (thrown) {
      this.fail(codedError(thrown, 'a socket'));
    }
  }

  /** Sends media in one binary message, without copying it. By itself it leaves at once, in one system call. */
  sendMedia(bytes: MediaBytes): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#connection.write(frameOf(bytes));
  }

  /** Sends binary messages in order, without copying them. */
  sendAll(messages: readonly MediaMessage[]): void {
    this.#cork();
    for (const { bytes } of messages) this.sendMedia(bytes);
  }

  /** Sends binary messages that are in pieces, in order: in one system call. */
  sendPieces(messages: readonly MediaPieces[]): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#connection.cork();
    for (const pieces of messages) for (const piece of frameOfPieces(pieces)) this.#connection.write(piece);
    this.#connection.uncork();
  }

  /** Asks for a pong with the same payload, of at most 125 bytes: behind all that was sent before. */
  ping(payload: Buffer): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping(payload);
  }

  /** Tells a client that speaks `sluice.v1`. */
  tell(event: WatchEvent | PublishEvent): void {
    this.#send(JSON.stringify(event));
  }

  /** Answers a request. A client that asks and doesn't read isn't read either. */
  answer(event: WatchEvent | PublishEvent): void {
    const text = JSON.stringify(event);
    this.#send(text);
    this.#countAnswer(text.length);
  }

  close(code: number, reason: string): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, closeReason(reason));
  }

  /** Tells that the stream is over, and closes: in one system call, for it may be that of all viewers that are there. */
  end(reason: 'ended' | 'restart'): void {
    this.#cork();
    endSocket(this.#socket, reason);
  }

  /** Tells the error, and closes. */
  fail(error: SluiceError): void {
    refuseSocket(this.#socket, error);
  }

  #send(text: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#cork();
    this.#socket.send(text);
  }

  #countAnswer(bytes: number): void {
    this.#answers = this.queued === 0 ? bytes : this.#answers + bytes;
    if (this.#answers > MAX_ANSWERS && this.full) {
      this.#unread = true;
      this.#readOn();
    }
  }

  #readOn(): void {
    if (this.#unread || this.#held) this.#socket.pause();
    else if (this.#socket.isPaused) this.#socket.resume();
  }

  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#connection.cork();
    nextTick('a write to a socket', () => {
      this.#corked = false;
      this.#connection.uncork();
    });
  }
}
