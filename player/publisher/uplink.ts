import { Backoff } from '../../src/protocol/backoff';
import type { ErrorEvent } from '../../src/protocol/watch-message';
import { type ConnectionEnd, PublishConnection } from './publish-connection';
import type { PublisherStats } from './publisher-state';
import { RelayClock } from './relay-clock';
import type { UploadSight } from './upload-controller';
import { UploadMeter } from './upload-meter';

/** How often the relay is told when something was captured, and asked for its time, ms. */
const CLOCK_PACE = 1_000;
/** What the upload carries is seen by so much of what arrived, ms: more would tell of the time before it was slow. */
const CARRIED_SPAN = 1_250;
/** A connection in which nothing has moved for so long is given up, ms. */
const STANDSTILL = 3_000;
/** So far behind, what waits is given up, however it moves, ms. */
const TOO_LATE = 6_000;

interface UplinkListener {
  /** The relay listens, on a connection that knows nothing of what was. `again`: in place of one that was lost. */
  ready(again: boolean): void;
  /** The relay passes it on. */
  live(): void;
  /** A newcomer waits for a keyframe. */
  keyframe(): void;
  /** The connection is lost, and is made again; with the reason, if the relay gave one. */
  lost(error: ErrorEvent | undefined): void;
  /** Nothing more goes, for good. */
  over(end: Exclude<ConnectionEnd, { kind: 'lost' }>): void;
}

interface UplinkOptions {
  /** Of the publish socket. */
  readonly url: string;
  /** Makes the socket; replaced in tests. */
  readonly connect?: ((url: string) => WebSocket) | undefined;
  readonly backoff?: Backoff | undefined;
}

/** The way to the relay, kept until it is closed: a connection that is lost, or stands still, is made again. */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #listener: UplinkListener;
  readonly #backoff: Backoff;
  readonly #clock = new RelayClock();
  #connection: PublishConnection | undefined;
  #ready = false;
  #meter = new UploadMeter();
  #lostAt: number | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #clockAt = -Infinity;
  #pingAt = -Infinity;
  #codec = '';
  #viewers = 0;
  #latency: number | undefined;

  /** Connects at once. */
  constructor(options: UplinkOptions, listener: UplinkListener) {
    this.#options = options;
    this.#listener = listener;
    this.#backoff = options.backoff ?? new Backoff();
    this.#connect();
  }

  /** Whether what is sent goes anywhere. */
  get ready(): boolean {
    return this.#ready;
  }

  /** When the connection was lost that isn't made again yet, ms. */
  get lostAt(): number | undefined {
    return this.#lostAt;
  }

  send(pieces: readonly Uint8Array[]): void {
    if (!this.#ready) return;
    const now = performance.now();
    for (const piece of pieces) {
      this.#connection?.send(piece as Uint8Array<ArrayBuffer>);
      this.#meter.send(piece.length, now);
    }
  }

  /** Tells now and then when the picture was captured that is at `media` seconds of what is sent. */
  tellClock({ media, captured }: { readonly media: number; readonly captured: number }, now: number): void {
    const wall = this.#clock.wall(captured);
    if (wall === undefined || !this.#ready || now - this.#clockAt < CLOCK_PACE) return;
    this.#clockAt = now;
    this.#connection?.tell({ type: 'clock', media, wall });
  }

  /** How the upload gets on. */
  sight(now: number): UploadSight {
    return { now, lag: this.#meter.behind(now) - (this.#clock.roundTrip ?? 0), received: this.#meter.bitrate(now, CARRIED_SPAN) };
  }

  /** To be called several times a second: asks for the relay's time, and gives up a connection that brings nothing over. */
  look(now: number): void {
    if (!this.#ready) return;
    if (now - this.#pingAt >= CLOCK_PACE) this.#ping(now);
    const behind = this.#meter.behind(now);
    if (behind > TOO_LATE || (behind > STANDSTILL && !this.#meter.moves(now, STANDSTILL))) this.#lost(undefined);
  }

  figures(now: number): Pick<PublisherStats, 'codec' | 'bitrate' | 'lag' | 'roundTrip' | 'viewers' | 'latency'> {
    return {
      codec: this.#codec,
      bitrate: this.#meter.bitrate(now),
      lag: this.#meter.behind(now),
      roundTrip: this.#clock.roundTrip,
      viewers: this.#viewers,
      ...(this.#latency !== undefined && { latency: this.#latency }),
    };
  }

  /** The stream is over: tells the relay, behind all that was sent. `over` follows. */
  end(): void {
    clearTimeout(this.#retry);
    if (this.#connection === undefined) this.#listener.over({ kind: 'ended' });
    else this.#connection.end();
  }

  /** Gives it up without a word. May be called twice. */
  close(): void {
    clearTimeout(this.#retry);
    this.#connection?.discard();
  }

  #connect(): void {
    this.#meter = new UploadMeter();
    this.#connection = new PublishConnection(
      this.#options.url,
      {
        ready: () => this.#begin(),
        live: (codec) => {
          this.#codec = codec;
          this.#backoff.reset();
          this.#listener.live();
        },
        received: (bytes, viewers, latency) => {
          this.#viewers = viewers;
          this.#latency = latency === undefined ? undefined : latency * 1000;
          this.#meter.receive(bytes, performance.now());
        },
        keyframe: () => this.#listener.keyframe(),
        pong: (id, wall) => this.#clock.answer(id, wall, performance.now()),
        closed: (end) => this.#closed(end),
      },
      this.#options.connect,
    );
  }

  #begin(): void {
    const again = this.#lostAt !== undefined;
    this.#ready = true;
    this.#lostAt = undefined;
    this.#clockAt = -Infinity;
    this.#listener.ready(again);
    this.#ping(performance.now());
  }

  #ping(now: number): void {
    this.#pingAt = now;
    this.#connection?.tell({ type: 'ping', id: this.#clock.ask(now) });
  }

  #closed(end: ConnectionEnd): void {
    this.#connection = undefined;
    this.#ready = false;
    if (end.kind === 'lost') this.#lost(end.error);
    else this.#listener.over(end);
  }

  #lost(error: ErrorEvent | undefined): void {
    this.#connection?.discard();
    this.#connection = undefined;
    this.#ready = false;
    this.#lostAt ??= performance.now();
    this.#retry = setTimeout(() => this.#connect(), (error?.retryAfter ?? 0) * 1000 + this.#backoff.next());
    this.#listener.lost(error);
  }
}
