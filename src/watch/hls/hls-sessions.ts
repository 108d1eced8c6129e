import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK } from '../../core/tokens';
import { Metrics, type ReportSink } from '../../observe/metrics';
import { SluiceError } from '../../protocol/error-code';
import type { Clock } from '../../relay/clock';
import type { Guest } from '../../relay/guest';
import type { Stream } from '../../relay/stream';
import { ViewerSeats } from '../viewer-seats';
import type { ClientData } from './client-data';
import { ClientReports } from './client-reports';

/** Who asks for a playlist of a stream. */
export interface HlsVisit {
  readonly stream: Stream;
  /** As its playlist's address has it; without one, all of an address are one viewer. */
  readonly session: string | undefined;
  /** As `addressOf` gives it. */
  readonly address: string;
  /** What it tells of itself. */
  readonly data?: ClientData | undefined;
}

/** One viewer over HLS, and its seat. */
interface HlsSession {
  readonly guest: Guest;
  readonly leave: () => void;
  /** What it tells of itself is put together, and passed on. */
  readonly reports: ClientReports;
  readonly sink: ReportSink;
  /** As its client names it, once it has. */
  clientSession: string | undefined;
  /** How many of its requests are held. */
  held: number;
  /** Why it is served no longer. */
  refusal: SluiceError | undefined;
  /** When it asked last, or was answered, monotonic ms. */
  seenAt: number;
}

/** The viewers of one stream. */
interface StreamSessions {
  /** By session or address. */
  readonly byKey: Map<string, HlsSession>;
  /** By the sessions of their clients. */
  readonly byClient: Map<string, HlsSession>;
}

const SESSION = /^[A-Za-z0-9_-]{1,64}$/;
/** A viewer that has asked for nothing for so long is gone, ms: three target durations. */
const GONE_AFTER = 12_000;
const LOOK_INTERVAL = 1_000;

/** The viewers over HLS. They come and go without a word: whoever asks for a media playlist is there, and takes a seat like any other. */
@Injectable()
export class HlsSessions implements OnApplicationShutdown {
  readonly #seats: ViewerSeats;
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #streams = new Map<Stream, StreamSessions>();
  #stopLooking: (() => void) | undefined;

  constructor(seats: ViewerSeats, metrics: Metrics, @Inject(CLOCK) clock: Clock) {
    this.#seats = seats;
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /**
   * A session for somebody who comes: a new one, or the one that it had.
   * @throws SluiceError `bad-request`.
   */
  static nameOf(known: string | null): string {
    return known === null ? crypto.randomUUID().replaceAll('-', '') : checked(known);
  }

  /**
   * Notes a request for a media playlist; it is held until the returned function is called.
   * @throws SluiceError `bad-request`, `disconnected`, or that of `ViewerSeats.take` if there is no seat for a new viewer.
   */
  visit(visit: HlsVisit): () => void {
    const { stream, session, address, data } = visit;
    const key = session === undefined ? `address ${address}` : `session ${checked(session)}`;
    const known = this.#streams.get(stream)?.byKey.get(key) ?? this.#enter(visit, key);
    if (known.refusal !== undefined) {
      known.seenAt = this.#clock.now();
      throw known.refusal;
    }
    if (data !== undefined) this.#take(stream, known, data);
    known.held++;
    let answered = false;
    return () => {
      if (answered) return;
      answered = true;
      known.held--;
      known.seenAt = this.#clock.now();
    };
  }

  /** Takes what came with a request for media: whose it is, is told by the session that the client has named when it asked for a playlist. */
  hear(stream: Stream, data: ClientData): void {
    const session = data.session === undefined ? undefined : this.#streams.get(stream)?.byClient.get(data.session);
    if (session !== undefined && session.refusal === undefined) this.#take(stream, session, data);
  }

  onApplicationShutdown(): void {
    this.#stopLooking?.();
  }

  #take(stream: Stream, session: HlsSession, data: ClientData): void {
    const byClient = this.#streams.get(stream)?.byClient;
    if (data.session !== undefined && session.clientSession === undefined && byClient?.has(data.session) === false) {
      session.clientSession = data.session;
      byClient.set(data.session, session);
    }
    const report = session.reports.take(data, this.#clock.now());
    if (report === undefined) return;
    session.guest.report(report);
    session.sink(report);
  }

  #enter({ stream, address }: HlsVisit, key: string): HlsSession {
    const leaveSeat = this.#seats.take({ name: stream.name, address });
    const guest = stream.count({ address, disconnect: (error) => disconnect(error) });
    const leave = (): void => {
      leaveSeat();
      guest.leave();
    };
    const now = this.#clock.now();
    const session: HlsSession = { guest, leave, reports: new ClientReports(now), sink: this.#metrics.reports(), clientSession: undefined, held: 0, refusal: undefined, seenAt: now };
    // It stays known for as long as it goes on asking, so that it can't come back at once.
    const disconnect = (error: SluiceError): void => {
      session.refusal = error;
      leave();
    };
    const sessions = this.#streams.get(stream) ?? { byKey: new Map<string, HlsSession>(), byClient: new Map<string, HlsSession>() };
    sessions.byKey.set(key, session);
    this.#streams.set(stream, sessions);
    this.#stopLooking ??= this.#clock.every(LOOK_INTERVAL, () => this.#look());
    return session;
  }

  #look(): void {
    const now = this.#clock.now();
    for (const [stream, { byKey, byClient }] of this.#streams) {
      for (const [key, { leave, clientSession, held, seenAt }] of byKey) {
        if (held > 0 || now - seenAt < GONE_AFTER) continue;
        byKey.delete(key);
        if (clientSession !== undefined) byClient.delete(clientSession);
        leave();
      }
      if (byKey.size === 0) this.#streams.delete(stream);
    }
    if (this.#streams.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }
}

function checked(session: string): string {
  if (!SESSION.test(session)) throw new SluiceError('bad-request', 'Cannot use that session: open index.m3u8 for one');
  return session;
}
