import { Backoff } from '../../src/protocol/backoff';
import type { ErrorCode } from '../../src/protocol/error-code';
import { endsConnection, mayRetry } from '../../src/protocol/retry';
import { SUBPROTOCOL } from '../../src/protocol/subprotocol';
import type { ErrorEvent, WaitingReason, WatchEvent, WatchRequest } from '../../src/protocol/watch-message';
import type { ViewerReport } from './feed-message';

export type InitEvent = Extract<WatchEvent, { type: 'init' }>;

/** What the player hears of its connection. */
export interface WatchListener {
  /** A connection is being made, or will be. @param refusal why the relay has turned it away last, and perhaps will again. */
  connecting(refusal?: ErrorCode): void;
  /** An epoch begins, or begins again at its live edge; `bytes` is its init segment. */
  init(event: InitEvent, bytes: Uint8Array): void;
  /** The flow goes on where it was before the connection was lost. */
  resumed(): void;
  /** Whole chunks. */
  media(bytes: Uint8Array): void;
  waiting(reason: WaitingReason): void;
  /** Media time in seconds that was captured, or received, at this Unix time of the relay in ms. */
  clock(media: number, wall: number): void;
  /** Media from one time to another, in seconds, was not sent, because the connection is slow. */
  skipped(from: number, to: number): void;
  /** The stream is over. The connection goes on, for the next one. */
  ended(): void;
  /** Connections end before the relay has said a word: perhaps something on the way lets no WebSocket pass. It goes on trying. */
  blocked(): void;
  /** The relay refuses for good. */
  refused(error: ErrorEvent): void;
}

interface WatchConnectionOptions {
  /** Address of the watch socket. */
  readonly url: URL;
  readonly listener: WatchListener;
  /** Makes the socket; replaced in tests. */
  readonly connect?: (url: string) => WebSocket;
  readonly backoff?: Backoff;
}

/** Time between two `received`, ms. */
const RECEIPT_INTERVAL = 1_000;
/** How often silence is looked for, ms. What is silent for two looks is asked, and cut off at the next. */
const WATCH_INTERVAL = 5_000;
/** Looks between two measurements of the relay's clock. */
const CLOCK_LOOKS = 6;
/** A look that is so late, ms, by either clock, comes after a sleep: in that, the monotonic clock of some browsers stands still: the connection may have died meanwhile. */
const SLEPT = 3_000;
/** How long a relay that is asked may take, ms. */
const ANSWER_PATIENCE = 2_000;
/** How soon after the end of a stream the player looks for the next, ms. */
const AFTER_END = 1_000;
/** So many connections in a row without a word are no accident. */
const MUTE_CONNECTIONS = 2;
/** What has failed so soon after a GOP was sent again, ms, is perhaps in that GOP. */
const REJOIN_MEMORY = 60_000;
/** The watch socket, made again whenever it is lost: resumes by position, and says what has arrived. */
export class WatchConnection {
  readonly #url: URL;
  readonly #listener: WatchListener;
  readonly #connect: (url: string) => WebSocket;
  readonly #backoff: Backoff;
  #socket: WebSocket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #answer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #paused = false;
  /** The `init` whose init segment is the next binary message. */
  #announced: InitEvent | undefined;
  /** The last that was, and its init segment. */
  #init: { readonly event: InitEvent; readonly bytes: Uint8Array } | undefined;
  #rejoinedAt = -Infinity;
  /** The epoch of which nothing is to come. */
  #unwanted: string | undefined;
  #epoch: string | undefined;
  #position = 0;
  #receiptAt = 0;
  #ended = false;
  #retryAfter: number | undefined;
  /** Why the relay has turned it away, until it has taken it in. */
  #refusal: ErrorCode | undefined;
  /** Whether the relay has said a word on this connection. */
  #spoken = false;
  /** Connections in a row that have ended before the relay said a word. */
  #mute = 0;
  #silentLooks = 0;
  #looks = 0;
  #lookedAt = 0;
  #lookedAtWall = 0;
  #pingAt = 0;
  #pingId = 0;
  #offset: number | undefined;

  constructor(options: WatchConnectionOptions) {
    this.#url = options.url;
    this.#listener = options.listener;
    this.#connect = options.connect ?? ((url) => new WebSocket(url, [SUBPROTOCOL]));
    this.#backoff = options.backoff ?? new Backoff();
  }

  /** The relay's Unix time in ms minus the page's; undefined before it was measured. */
  get clockOffset(): number | undefined {
    return this.#offset;
  }

  open(): void {
    if (this.#socket !== undefined || this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#listener.connecting(this.#refusal);
    const socket = this.#connect(this.#address());
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#silentLooks = 0;
    this.#spoken = false;
    this.#announced = undefined;
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      this.#heard();
      if (typeof data === 'string') this.#takeText(data);
      else this.#takeBytes(new Uint8Array(data));
    };
    socket.onclose = ({ code }) => this.#lost(socket, code);
    this.#lookedAt = performance.now();
    this.#lookedAtWall = Date.now();
    this.#watch ??= setInterval(() => this.#look(), WATCH_INTERVAL);
  }

  /** Stops the flow. A connection that is lost meanwhile is made again by `play`. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#send({ type: 'pause' });
  }

  /** Lets the flow go on: with `resume` where it was, if the relay still holds that; else at the live edge, with a new `init`. */
  play(resume: boolean): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!resume) this.#forgetPlace();
    if (this.#socket === undefined) this.open();
    else this.#send({ type: 'play', ...(this.#epoch === undefined ? {} : { epoch: this.#epoch, position: this.#position }) });
  }

  /**
   * Begins again at the live edge, with an `init`. What the relay holds from the newest join point on may be what the browser has failed
   * on: the second time within a minute, the flow goes on with what comes next, and the picture with the next join point.
   */
  rejoin(): void {
    const now = performance.now();
    const again = now - this.#rejoinedAt < REJOIN_MEMORY && this.#unwanted === undefined;
    this.#rejoinedAt = now;
    this.#unwanted = undefined;
    const init = this.#init;
    if (again && init !== undefined && init.event.epoch === this.#epoch && this.#announced === undefined && this.#socket !== undefined && !this.#paused) {
      this.#listener.init(init.event, init.bytes);
      return;
    }
    this.pause();
    this.play(false);
  }

  /** Lets nothing of `epoch` come, which the browser can't play. The flow goes on with the next one, or with the one that has begun meanwhile. */
  skipEpoch(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      this.rejoin();
      return;
    }
    this.#unwanted = epoch;
    this.#paused = false;
    this.#send({ type: 'pause' });
  }

  /** Tells the relay what the viewer experiences. */
  report(report: ViewerReport): void {
    this.#send({ type: 'report', ...report });
  }

  /** The network may be another one: tries again at once, or asks the relay and goes on without it if it doesn't answer soon. */
  check(): void {
    if (this.#closed) return;
    if (this.#socket === undefined) {
      if (this.#retry !== undefined) this.open();
      return;
    }
    const socket = this.#socket;
    if (this.#answer !== undefined) return;
    this.#ping();
    this.#answer = setTimeout(() => this.#lost(socket), ANSWER_PATIENCE);
  }

  /** Ends it for good. May be called twice. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#watch);
    this.#drop();
  }

  #heard(): void {
    this.#silentLooks = 0;
    clearTimeout(this.#answer);
    this.#answer = undefined;
  }

  /** Without a place the relay begins at the live edge. */
  #forgetPlace(): void {
    this.#epoch = undefined;
  }

  #address(): string {
    const url = new URL(this.#url);
    if (this.#epoch !== undefined) {
      url.searchParams.set('epoch', this.#epoch);
      url.searchParams.set('position', String(this.#position));
    }
    return url.href;
  }

  #opened(socket: WebSocket): void {
    this.#ping();
    // Paused while the connection was being made.
    if (this.#paused && socket === this.#socket) this.#send({ type: 'pause' });
  }

  #takeText(text: string): void {
    this.#spoken = true;
    const event = JSON.parse(text) as WatchEvent;
    switch (event.type) {
      case 'init':
        this.#begin(event);
        return;
      case 'epoch':
        if (this.#unwanted !== undefined && this.#unwanted !== event.epoch) this.#send({ type: 'play' });
        return;
      case 'waiting':
        this.#takenIn();
        this.#listener.waiting(event.reason);
        return;
      case 'clock':
        this.#listener.clock(event.media, event.wall);
        return;
      case 'skip':
        this.#position = event.position;
        this.#listener.skipped(event.from, event.to);
        return;
      case 'sync':
        this.#send({ type: 'ok', id: event.id });
        return;
      case 'pong':
        this.#takePong(event);
        return;
      case 'error':
        this.#takeError(event);
        return;
      case 'end':
        this.#ended = event.reason === 'ended';
        return;
      case 'ok':
        return;
      default:
        // A later relay may say more.
        event satisfies never;
    }
  }

  #begin(event: InitEvent): void {
    this.#takenIn();
    if (this.#unwanted === event.epoch) {
      this.#send({ type: 'pause' });
      return;
    }
    // The relay may have paused only after this had begun.
    if (this.#unwanted !== undefined) this.#send({ type: 'play' });
    this.#unwanted = undefined;
    this.#epoch = event.epoch;
    this.#position = event.position;
    this.#receiptAt = performance.now();
    if (event.resumed) this.#listener.resumed();
    else this.#announced = event;
  }

  #takenIn(): void {
    this.#backoff.reset();
    this.#refusal = undefined;
  }

  #takeBytes(bytes: Uint8Array): void {
    if (this.#unwanted !== undefined) return;
    const announced = this.#announced;
    if (announced !== undefined) {
      this.#announced = undefined;
      this.#init = { event: announced, bytes };
      this.#listener.init(announced, bytes);
      return;
    }
    this.#position += bytes.length;
    this.#tellReceived();
    this.#listener.media(bytes);
  }

  #tellReceived(): void {
    const now = performance.now();
    if (this.#epoch === undefined || now - this.#receiptAt < RECEIPT_INTERVAL) return;
    this.#receiptAt = now;
    this.#send({ type: 'received', epoch: this.#epoch, position: this.#position });
  }

  #takeError(event: ErrorEvent): void {
    if (!endsConnection(event)) return;
    this.#retryAfter = event.retryAfter;
    this.#refusal = event.code;
    if (mayRetry(event)) return;
    this.close();
    this.#listener.refused(event);
  }

  #ping(): void {
    this.#pingAt = performance.now();
    this.#send({ type: 'ping', id: ++this.#pingId });
  }

  /** The relay read its clock about half a round trip ago. */
  #takePong({ id, wall }: Extract<WatchEvent, { type: 'pong' }>): void {
    if (id !== this.#pingId) return;
    const roundTrip = performance.now() - this.#pingAt;
    this.#offset = wall + roundTrip / 2 - Date.now();
  }

  /** A connection may die without a word: what is silent is asked, and dropped if it doesn't answer. */
  #look(): void {
    const now = performance.now();
    const wall = Date.now();
    const slept = Math.max(now - this.#lookedAt, wall - this.#lookedAtWall) > WATCH_INTERVAL + SLEPT;
    this.#lookedAt = now;
    this.#lookedAtWall = wall;
    if (this.#socket === undefined) return;
    this.#silentLooks++;
    if (slept) this.check();
    else if (this.#silentLooks > 2) this.#lost(this.#socket);
    else if (this.#silentLooks === 2 || ++this.#looks % CLOCK_LOOKS === 0) this.#ping();
  }

  #lost(socket: WebSocket, code?: number): void {
    if (socket !== this.#socket) return;
    this.#drop();
    if (this.#closed) return;
    if (this.#ended) {
      this.#ended = false;
      this.#forgetPlace();
      this.#listener.ended();
      this.#openAfter(AFTER_END);
      return;
    }
    if (this.#paused) return;
    this.#mute = this.#spoken ? 0 : this.#mute + 1;
    // What the relay has said no longer holds once it can't be reached.
    if (!this.#spoken) this.#refusal = undefined;
    this.#listener.connecting(this.#refusal);
    if (this.#mute > 0 && this.#mute % MUTE_CONNECTIONS === 0) this.#listener.blocked();
    const wait = code === undefined ? 0 : (this.#retryAfter ?? 0) * 1000;
    this.#retryAfter = undefined;
    this.#openAfter(wait + this.#backoff.next());
  }

  #openAfter(wait: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), wait);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    clearTimeout(this.#answer);
    this.#answer = undefined;
    if (socket === undefined) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #send(request: WatchRequest): void {
    const socket = this.#socket;
    if (socket?.readyState === socket?.OPEN) socket?.send(JSON.stringify(request));
  }
}
