import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ViewerSeats } from '../access/viewer-seats';
import { CLOCK } from '../base/tokens';
import type { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { Guest } from '../relay/guest';
import type { Stream } from '../relay/stream';
import { type ReportSink, ViewerReports } from '../relay/viewer-reports';
import type { ClientData } from './client-data';
import { ClientReports } from './client-reports';

/** A request that may take a while, and ends when its viewer is disconnected. */
export interface OpenRequest {
  whenOver(run: () => void): void;
  refuse(error: SluiceError): void;
}

/** Somebody asks for something of a stream. */
export interface HlsVisit {
  readonly stream: Stream;
  /** Who it is: the id of its session, or the address of those who have none. */
  readonly viewer: string;
  /** As `addressOf` gives it. */
  readonly address: string;
  readonly request: OpenRequest;
  /** What it reports of its own experience. */
  readonly data?: ClientData | undefined;
}

/** One viewer over HLS, and its seat. */
interface HlsSession {
  readonly stream: Stream;
  readonly guest: Guest;
  readonly leave: () => void;
  /** Gathers what it reports, which is passed on every few seconds. */
  readonly reports: ClientReports;
  readonly sink: ReportSink;
  readonly requests: Set<OpenRequest>;
  /** When the grant ends that it asked for a playlist by last, Unix ms. */
  expiresAt: number | undefined;
  /** Why it is served no longer. */
  refusal: SluiceError | undefined;
  /** When it asked last, or was answered, monotonic ms. */
  seenAt: number;
}

/** A viewer that has asked for nothing for so long is gone, ms: three target durations. */
const GONE_AFTER = 12_000;
const LOOK_INTERVAL = 1_000;

/**
 * The viewers over HLS. A viewer is whoever fetches media: only then is it remembered, and takes a seat like any other. So there
 * are never more than there are seats, whatever playlists are asked for.
 */
@Injectable()
export class HlsSessions implements OnApplicationShutdown {
  readonly #seats: ViewerSeats;
  readonly #reports: ViewerReports;
  readonly #clock: Clock;
  readonly #sessions = new Map<string, HlsSession>();
  #stopLooking: (() => void) | undefined;

  constructor(seats: ViewerSeats, reports: ViewerReports, @Inject(CLOCK) clock: Clock) {
    this.#seats = seats;
    this.#reports = reports;
    this.#clock = clock;
  }

  /** How many viewers are remembered. */
  get size(): number {
    return this.#sessions.size;
  }

  /**
   * Notes a request for a playlist. Whoever hasn't fetched media holds no seat, but hears if there is none.
   * @param expiresAt when the grant ends that it was made by, Unix ms.
   * @throws SluiceError `disconnected`, or that of `ViewerSeats.check`.
   */
  visitPlaylist(visit: HlsVisit, expiresAt?: number): void {
    const known = this.#find(visit);
    if (known === undefined) {
      this.#seats.check({ name: visit.stream.name, address: visit.address });
      return;
    }
    this.#serve(known, visit);
    known.expiresAt = expiresAt;
  }

  /**
   * Notes a request for media that there is. The first one of a viewer takes its seat.
   * @param expiresAt when the grant ends that its session was made by, Unix ms.
   * @throws SluiceError `disconnected`, or that of `ViewerSeats.take`.
   */
  visitMedia(visit: HlsVisit, expiresAt?: number): void {
    this.#serve(this.#find(visit) ?? this.#enter(visit, expiresAt), visit);
  }

  /**
   * When the grant of a viewer ends that is remembered, Unix ms, or Infinity: it may have been renewed since its session was
   * made. Undefined of any other.
   */
  endOf({ stream, viewer }: Pick<HlsVisit, 'stream' | 'viewer'>): number | undefined {
    const known = this.#find({ stream, viewer });
    return known && (known.expiresAt ?? Infinity);
  }

  onApplicationShutdown(): void {
    this.#stopLooking?.();
  }

  #find({ stream, viewer }: Pick<HlsVisit, 'stream' | 'viewer'>): HlsSession | undefined {
    const key = keyOf(stream, viewer);
    const known = this.#sessions.get(key);
    if (known === undefined || known.stream === stream) return known;
    // The stream of that name is another one by now.
    this.#forget(key, known);
    return undefined;
  }

  #serve(session: HlsSession, { request, data }: HlsVisit): void {
    session.seenAt = this.#clock.now();
    if (session.refusal !== undefined) throw session.refusal;
    if (data !== undefined) this.#take(session, data);
    session.requests.add(request);
    request.whenOver(() => {
      session.requests.delete(request);
      session.seenAt = this.#clock.now();
    });
  }

  #take(session: HlsSession, data: ClientData): void {
    const report = session.reports.take(data, this.#clock.now());
    if (report === undefined) return;
    session.guest.report(report);
    session.sink(report);
  }

  #enter({ stream, viewer, address }: HlsVisit, expiresAt: number | undefined): HlsSession {
    const leaveSeat = this.#seats.take({ name: stream.name, address });
    const guest = stream.count({ address, disconnect: (error) => disconnect(error) });
    const leave = (): void => {
      leaveSeat();
      guest.leave();
    };
    const now = this.#clock.now();
    const session: HlsSession = { stream, guest, leave, reports: new ClientReports(now), sink: this.#reports.reports(), requests: new Set(), expiresAt, refusal: undefined, seenAt: now };
    // It is remembered for as long as it goes on asking, so that it can't come back at once.
    const disconnect = (error: SluiceError): void => {
      session.refusal = error;
      leave();
      for (const request of [...session.requests]) request.refuse(error);
    };
    this.#sessions.set(keyOf(stream, viewer), session);
    this.#stopLooking ??= this.#clock.every(LOOK_INTERVAL, () => this.#look());
    return session;
  }

  #forget(key: string, session: HlsSession): void {
    this.#sessions.delete(key);
    session.leave();
  }

  #look(): void {
    const now = this.#clock.now();
    const wall = this.#clock.wall();
    for (const [key, session] of this.#sessions) {
      const { requests, seenAt, expiresAt } = session;
      const gone = requests.size === 0 && now - seenAt >= GONE_AFTER;
      if (gone || (expiresAt !== undefined && expiresAt <= wall)) this.#forget(key, session);
    }
    if (this.#sessions.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }
}

function keyOf({ name }: Stream, viewer: string): string {
  return `${name} ${viewer}`;
}
