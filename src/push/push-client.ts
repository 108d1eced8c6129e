import { guard } from '../base/guard';
import type { Chunk, InitSegment } from '../media/chunk';
import { Backoff } from '../protocol/backoff';
import type { Clock } from '../relay/clock';
import { type Dropped, Outbox } from './outbox';
import { Pacer } from './pacer';
import type { PushTarget } from './push-target';
import { type LinkEnd, RelayLink } from './relay-link';

/** What is held for the relay at most, sent or not, bytes. */
const HELD = 32 << 20;
/** Media that waits, seconds, above which ffmpeg is made to wait. */
const AHEAD = 2;
/** Media that isn't confirmed for so long, ms, keeps more from being sent. */
const LAG_LIMIT = 1_500;
/** How late live media may go out, ms, before the newest GOP is all that is still of interest. */
const LATE_LIMIT = 2_500;
/** How often is looked for what is late, ms. */
const TRIM_INTERVAL = 250;
/** How long the relay may take to confirm the end when the user wants to leave, ms. */
const LEAVE_LIMIT = 3_000;
const RETRIES = { first: 500, longest: () => 8_000 };

interface PushClientOptions {
  readonly target: PushTarget;
  readonly clock: Clock;
  /** Whether media is sent no faster than it plays. */
  readonly paced: boolean;
  /** Whether what is late is dropped, by whole GOPs; else it waits. */
  readonly live: boolean;
  /** How long the relay is tried to be reached again once it is lost, ms. */
  readonly retry: number;
  readonly listener: PushClientListener;
}

interface PushClientListener {
  /** The stream is live; again after each loss. */
  live(mime: string): void;
  /** The relay is lost, and is tried again after `wait` ms. */
  lost(reason: string, wait: number): void;
}

/** How the way to the relay came to its end. */
export interface PushOutcome {
  readonly type: 'ended' | 'refused' | 'unreachable';
  readonly reason: string;
}

export type PushState = 'preparing' | 'connecting' | 'live' | 'lost' | 'ending';

/** Sends chunks to the relay, in their time, by one connection after another. */
export class PushClient {
  readonly #options: PushClientOptions;
  readonly #outbox = new Outbox({ maxBytes: HELD });
  readonly #pacer: Pacer | undefined;
  readonly #backoff = new Backoff(Math.random, RETRIES);
  readonly #stopTrimming: () => void;
  /** Resolves when no more will be sent. Never rejects. */
  readonly outcome: Promise<PushOutcome>;
  #settle: (outcome: PushOutcome) => void = () => undefined;
  #link: RelayLink | undefined;
  /** What the connection's media stands behind. */
  #linkInit: InitSegment | undefined;
  #state: PushState = 'preparing';
  #wasLive = false;
  #lostAt: number | undefined;
  #finishing = false;
  #over = false;
  #viewers = 0;
  #bytes = 0;
  /** Media that was sent, seconds; again after a loss only once. */
  #time = 0;
  #lastStart: number | undefined;
  #waiters: (() => void)[] = [];
  #cancelWake: () => void = () => undefined;
  #cancelRetry: () => void = () => undefined;

  constructor(options: PushClientOptions) {
    this.#options = options;
    this.#pacer = options.paced ? new Pacer() : undefined;
    this.outcome = new Promise((resolve) => (this.#settle = resolve));
    this.#stopTrimming = options.clock.every(TRIM_INTERVAL, () => this.#pump());
  }

  get state(): PushState {
    return this.#finishing && this.#state === 'live' && this.#outbox.head === undefined ? 'ending' : this.#state;
  }

  get viewers(): number {
    return this.#viewers;
  }

  /** Bytes sent in all. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Seconds of media sent. */
  get time(): number {
    return this.#time;
  }

  get dropped(): Dropped {
    return this.#outbox.dropped;
  }

  /** How old what the relay hasn't confirmed is, ms. */
  get lag(): number {
    const now = this.#options.clock.now();
    const { head } = this.#outbox;
    const waiting = head === undefined || (this.#pacer && this.#link?.isReady === true) ? 0 : now - head.at;
    return Math.max(this.#link?.inFlight.lag(now) ?? 0, waiting);
  }

  /** Whether ffmpeg has to wait. */
  get isHolding(): boolean {
    return this.#pacer !== undefined && !this.#over && this.#outbox.head !== undefined && (this.#outbox.waiting > AHEAD || this.#outbox.isFull);
  }

  begin(init: InitSegment): void {
    this.#outbox.begin(init);
  }

  add(chunk: Chunk): void {
    if (this.#over) return;
    const now = this.#options.clock.now();
    // The input was late, not the way.
    if (this.#outbox.head === undefined) this.#pacer?.settle(chunk, now);
    this.#outbox.add(chunk, now);
    if (this.#state === 'preparing') this.#connect();
    this.#pump();
  }

  /** Settles when more may come; gives nothing if that is now. */
  room(): Promise<void> | undefined {
    return this.isHolding ? new Promise((resolve) => this.#waiters.push(resolve)) : undefined;
  }

  /** No more comes: what waits is sent, and the stream ended. */
  finish(): void {
    this.#finishing = true;
    this.#pump();
  }

  /** The user wants to leave: the stream ends with what was sent, within 3 s. */
  leave(): void {
    this.#outbox.discard();
    if (this.#link?.isReady === true) {
      this.finish();
      const cancel = this.#options.clock.after(LEAVE_LIMIT, () => this.#finish({ type: 'ended', reason: 'the relay did not confirm the end' }));
      guard('the end of a push', () => this.outcome.then(cancel));
    } else this.#finish({ type: 'ended', reason: 'the relay was not connected' });
  }

  /** Cuts the connection without an end: viewers are held for who comes next. May be called twice. */
  cut(): void {
    this.#finish({ type: 'ended', reason: 'cut' });
  }

  #connect(): void {
    if (this.#over) return;
    this.#state = this.#wasLive ? 'lost' : 'connecting';
    const { target, clock } = this.#options;
    this.#linkInit = undefined;
    this.#link = new RelayLink({
      target,
      clock,
      listener: {
        ready: () => this.#pump(),
        live: (mime) => this.#live(mime),
        received: (viewers) => this.#received(viewers),
        closed: (end) => this.#closed(end),
      },
    });
  }

  #live(mime: string): void {
    this.#state = 'live';
    this.#wasLive = true;
    this.#lostAt = undefined;
    this.#backoff.reset();
    this.#options.listener.live(mime);
  }

  #received(viewers: number): void {
    this.#viewers = viewers;
    if (this.#link) this.#outbox.confirm(this.#link.inFlight.confirmed);
    this.#pump();
  }

  #closed(end: LinkEnd): void {
    this.#link = undefined;
    if (this.#over) return;
    switch (end.type) {
      case 'ended':
      case 'refused':
        this.#finish({ type: end.type, reason: end.reason });
        return;
      case 'lost':
        this.#lost(end);
        return;
      default:
        end.type satisfies never;
    }
  }

  #lost({ reason, retryAfter = 0 }: LinkEnd): void {
    const { clock, retry, listener } = this.#options;
    this.#lostAt ??= clock.now();
    const tried = clock.now() - this.#lostAt;
    if (!this.#wasLive || tried >= retry) {
      this.#finish({ type: 'unreachable', reason });
      return;
    }
    this.#state = 'lost';
    this.#outbox.rewind();
    this.#pacer?.reset();
    const wait = Math.min(Math.max(this.#backoff.next(), retryAfter * 1000), Math.max(0, retry - tried));
    listener.lost(reason, wait);
    this.#cancelRetry = clock.after(wait, () => this.#connect());
    this.#release();
  }

  /** Sends what is due and has room, and drops what is too late. */
  #pump(): void {
    this.#cancelWake();
    if (this.#over) return;
    this.#trim();
    while (this.#link?.isReady === true) {
      const now = this.#options.clock.now();
      const { head } = this.#outbox;
      if (head === undefined) break;
      const { inFlight } = this.#link;
      if (!inFlight.hasRoom || inFlight.lag(now) > LAG_LIMIT) break;
      const due = this.#pacer?.due(head.chunk, now) ?? now;
      if (due > now) {
        this.#cancelWake = this.#options.clock.after(due - now, () => this.#pump());
        break;
      }
      this.#send(this.#link, now);
    }
    if (this.#finishing && this.#outbox.head === undefined) this.#link?.end();
    this.#release();
  }

  #send(link: RelayLink, now: number): void {
    const { head } = this.#outbox;
    if (head === undefined) return;
    const { chunk, init } = head;
    if (this.#linkInit !== init) {
      this.#linkInit = init;
      link.send(init.bytes);
    }
    link.send(chunk.bytes);
    if (!this.#options.live) this.#pacer?.settle(chunk, now);
    this.#outbox.sent(link.inFlight.sent);
    this.#bytes += chunk.bytes.length;
    this.#passTime(chunk);
  }

  /** A jump of the timestamps, back after a loss or forward after a drop, is no time that was sent. */
  #passTime({ start }: Chunk): void {
    const passed = start - (this.#lastStart ?? start);
    if (passed > 0 && passed < 1) this.#time += passed;
    if (this.#lastStart === undefined || passed > 0 || passed < -60) this.#lastStart = start;
  }

  #trim(): void {
    if (!this.#options.live) return;
    const now = this.#options.clock.now();
    for (let { head } = this.#outbox; head !== undefined; { head } = this.#outbox) {
      const late = now - (this.#pacer?.due(head.chunk, now) ?? head.at);
      if (late <= LATE_LIMIT || !this.#outbox.dropGop()) return;
    }
  }

  #release(): void {
    if (this.isHolding) return;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  #finish(outcome: PushOutcome): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTrimming();
    this.#cancelWake();
    this.#cancelRetry();
    this.#link?.destroy();
    this.#release();
    this.#settle(outcome);
  }
}
