import type { PublishEvent, PublishRequest } from '../../src/protocol/publish-message';
import { endsConnection, mayRetry } from '../../src/protocol/retry';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import type { ErrorEvent } from '../../src/protocol/watch-message';

/** How long the relay may take to say that it is ready, ms. */
const CONNECT_TIME = 10_000;
/** How long the relay may take to close the connection behind `end`, ms. */
const END_TIME = 3_000;

/** How a connection came to its end: as asked; refused, with the reason; or lost, with the reason if the relay gave one that may pass. */
export type ConnectionEnd = { readonly kind: 'ended' } | { readonly kind: 'refused'; readonly error: ErrorEvent } | { readonly kind: 'lost'; readonly error?: ErrorEvent };

interface PublishListener {
  /** The relay takes media now. */
  ready(): void;
  /** The relay has understood the init segment: the stream is on air, with these codecs. Again with each new one. */
  live(codecs: string): void;
  /** Bytes of this connection that the relay has, how many watch, and how late their picture is, seconds, as far as they tell. */
  received(bytes: number, viewers: number, latency?: number): void;
  /** A newcomer waits for a keyframe. */
  keyframe?(): void;
  /** The answer to a `ping`, with the relay's Unix time, ms. */
  pong?(id: number, wall: number): void;
  /** Nothing more comes. Called once, and not behind `discard`. */
  closed(end: ConnectionEnd): void;
}

/** One WebSocket to the relay, from its opening to its end. */
export class PublishConnection {
  readonly #socket: WebSocket;
  #listener: PublishListener | undefined;
  #timer: ReturnType<typeof setTimeout>;
  #error: ErrorEvent | undefined;
  #ending = false;

  /** @param connect makes the socket; replaced in tests. */
  constructor(url: string, listener: PublishListener, connect = (address: string): WebSocket => new WebSocket(address, [SUBPROTOCOL])) {
    this.#listener = listener;
    this.#socket = connect(url);
    this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') this.#take(JSON.parse(data) as PublishEvent);
    };
    this.#socket.onclose = () => this.#closed();
    this.#timer = setTimeout(() => this.#close({ kind: 'lost' }), CONNECT_TIME);
  }

  /** Sends media. What is sent while the connection closes is lost with it. */
  send(piece: Blob | Uint8Array<ArrayBuffer>): void {
    if (this.#isOpen && !this.#ending) this.#socket.send(piece);
  }

  /** Tells the relay something, in its place between the media. */
  tell(request: Exclude<PublishRequest, { type: 'end' }>): void {
    if (this.#isOpen && !this.#ending) this.#socket.send(JSON.stringify(request));
  }

  /** The stream is over: says so behind all that was sent. */
  end(): void {
    if (this.#listener === undefined || this.#ending) return;
    this.#ending = true;
    if (!this.#isOpen) {
      this.#close({ kind: 'ended' });
      return;
    }
    this.#socket.send(JSON.stringify({ type: 'end' } satisfies PublishRequest));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#close({ kind: 'ended' }), END_TIME);
  }

  /** Gives the connection up without a word, so that the relay holds the stream. May be called twice. */
  discard(): void {
    clearTimeout(this.#timer);
    this.#listener = undefined;
    this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #take(event: PublishEvent): void {
    switch (event.type) {
      case 'ready':
        clearTimeout(this.#timer);
        this.#listener?.ready();
        return;
      case 'live':
        this.#listener?.live(event.tracks.map(({ codec }) => codec).join(', '));
        return;
      case 'received':
        this.#listener?.received(event.bytes, event.viewers, event.latency);
        return;
      case 'error':
        if (endsConnection(event)) this.#error = event;
        return;
      case 'keyframe':
        this.#listener?.keyframe?.();
        return;
      case 'pong':
        this.#listener?.pong?.(event.id, event.wall);
        return;
      case 'ok':
      case 'end': // The relay restarts: the close behind it says the same.
        return;
      default:
        // A later relay may say more.
        event satisfies never;
    }
  }

  #closed(): void {
    if (this.#ending) this.#close({ kind: 'ended' });
    else if (this.#error !== undefined && !mayRetry(this.#error)) this.#close({ kind: 'refused', error: this.#error });
    else this.#close({ kind: 'lost', ...(this.#error !== undefined && { error: this.#error }) });
  }

  #close(end: ConnectionEnd): void {
    const listener = this.#listener;
    this.discard();
    listener?.closed(end);
  }
}
