import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { on } from '../base/guard';
import { CloseCode, ERRORS } from '../protocol/error-code';
import type { PublishEvent, PublishRequest } from '../protocol/publish-message';
import { endsConnection, mayRetry } from '../protocol/retry';
import { SUBPROTOCOL } from '../protocol/subprotocol';
import type { Clock } from '../relay/clock';
import { InFlight } from './in-flight';
import type { PushTarget } from './push-target';

/** How long a connection may take to be made, ms. */
const CONNECT_LIMIT = 10_000;
const PING_INTERVAL = 2_000;
/** A relay that says nothing for so long, though it is asked every 2 s, isn't reached any more, ms. */
const SILENCE = 8_000;
/** The relay's messages are small. */
const MESSAGE_LIMIT = 64 << 10;

/** What a connection came to its end by. */
export interface LinkEnd {
  /** `ended`: as it should. `lost`: it may go on with another. `refused`: the relay doesn't want it. */
  readonly type: 'ended' | 'lost' | 'refused';
  /** What the relay or the system says, without the address. */
  readonly reason: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number;
}

interface LinkListener {
  /** Media may be sent. */
  ready(): void;
  /** The relay has understood the init segment. */
  live(mime: string): void;
  /** The relay has more of what was sent. */
  received(viewers: number): void;
  /** It is over, once. */
  closed(end: LinkEnd): void;
}

/** One WebSocket to the relay, by `sluice.v1`. */
export class RelayLink {
  readonly inFlight = new InFlight();
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #listener: LinkListener;
  readonly #stopPings: () => void;
  #ready = false;
  #ending = false;
  #over = false;
  #heardAt: number;
  #refusal: LinkEnd | undefined;

  constructor({ target, clock, listener }: { target: PushTarget; clock: Clock; listener: LinkListener }) {
    this.#clock = clock;
    this.#listener = listener;
    this.#heardAt = clock.now();
    const headers = target.token === undefined ? {} : { Authorization: `Bearer ${target.token}` };
    const socket = (this.#socket = new WebSocket(target.url, SUBPROTOCOL, { headers, handshakeTimeout: CONNECT_LIMIT, maxPayload: MESSAGE_LIMIT, perMessageDeflate: false }));
    on(socket, 'message', (data: Buffer, isBinary: boolean) => {
      this.#heardAt = clock.now();
      if (!isBinary) this.#take(data.toString());
    });
    on(socket, 'unexpected-response', (_request: unknown, { statusCode = 0 }: IncomingMessage) => {
      const reason = `it answers with HTTP status ${statusCode}`;
      this.#end(statusCode >= 500 || statusCode === ERRORS['too-many'].status ? { type: 'lost', reason } : { type: 'refused', reason: `${reason}: is it the address of a relay, behind proxies that pass on WebSockets?` });
    });
    on(socket, 'error', (error: Error) => this.#end(explain(error)));
    on(socket, 'close', (code: number) => this.#closed(code));
    this.#stopPings = clock.every(PING_INTERVAL, () => this.#ping());
  }

  /** Whether media may be sent. */
  get isReady(): boolean {
    return this.#ready && !this.#over && !this.#ending;
  }

  /** Sends media. */
  send(bytes: Uint8Array): void {
    this.#socket.send(bytes);
    this.inFlight.write(bytes.length, this.#clock.now());
  }

  /** Says that the stream is over: behind all that was sent. The relay closes. May be called twice. */
  end(): void {
    if (!this.isReady) return;
    this.#ending = true;
    this.#tell({ type: 'end' });
  }

  /** Cuts the connection. May be called twice. */
  destroy(reason = 'it was cut'): void {
    this.#end({ type: 'lost', reason });
  }

  #take(text: string): void {
    const event = readEvent(text);
    if (event === undefined) this.#end({ type: 'refused', reason: 'it sends what no relay does' });
    else this.#handle(event);
  }

  #handle(event: PublishEvent): void {
    switch (event.type) {
      case 'ready':
        this.#ready = true;
        this.#listener.ready();
        return;
      case 'live':
        this.#listener.live(event.mime);
        return;
      case 'received':
        this.inFlight.confirm(event.bytes, this.#clock.now());
        this.#listener.received(event.viewers);
        return;
      case 'error':
        if (!endsConnection(event)) return;
        this.#refusal = {
          type: mayRetry(event) ? 'lost' : 'refused',
          reason: `${event.message} (${event.code})`,
          ...(event.retryAfter !== undefined && { retryAfter: event.retryAfter }),
        };
        return;
      case 'end':
        this.#refusal ??= { type: 'lost', reason: 'the relay restarts' };
        return;
      case 'keyframe': // ffmpeg can't be asked for one while it runs.
      case 'pong':
      case 'ok':
        return;
      default:
        // A message of a newer relay.
        event satisfies never;
    }
  }

  #ping(): void {
    const silent = this.#clock.now() - this.#heardAt;
    if (silent > SILENCE) this.destroy(`it has not answered for ${Math.round(silent / 1000)} s`);
    else if (this.#ready) this.#tell({ type: 'ping', id: 1 });
  }

  #tell(request: PublishRequest): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  #closed(code: number): void {
    if (this.#ending && code === CloseCode.end) this.#end({ type: 'ended', reason: 'ended' });
    else this.#end(this.#refusal ?? { type: 'lost', reason: `the connection broke off (${code})` });
  }

  #end(end: LinkEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopPings();
    on(this.#socket, 'error', () => undefined);
    this.#socket.terminate();
    this.#listener.closed(end);
  }
}

/** A message of the relay; nothing if it is none. */
function readEvent(text: string): PublishEvent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as PublishEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** What `ws` and the system say, in words. */
function explain(error: NodeJS.ErrnoException): LinkEnd {
  switch (error.code) {
    case 'ECONNREFUSED':
      return { type: 'lost', reason: 'nothing listens there; is the relay started?' };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { type: 'lost', reason: 'its name is not known' };
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return { type: 'refused', reason: 'its certificate is signed by nobody whom this machine trusts; name one in NODE_EXTRA_CA_CERTS' };
    default:
      if (/subprotocol/i.test(error.message)) return { type: 'refused', reason: 'it does not speak sluice.v1: it is no relay' };
      return { type: 'lost', reason: error.message.split('\n')[0] ?? error.message };
  }
}
