import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK } from '../../core/tokens';
import { SluiceError } from '../../protocol/error-code';
import type { Clock } from '../../relay/clock';
import type { Stream } from '../../relay/stream';
import { ViewerSeats } from '../viewer-seats';

/** Who asks for a playlist of a stream. */
export interface HlsVisit {
  readonly stream: Stream;
  /** As its playlist's address has it; without one, all of an address are one viewer. */
  readonly session: string | undefined;
  /** As `addressOf` gives it. */
  readonly address: string;
}

/** One viewer over HLS, and its seat. */
interface HlsSession {
  readonly leave: () => void;
  /** How many of its requests are held. */
  held: number;
  /** Why it is served no longer. */
  refusal: SluiceError | undefined;
  /** When it asked last, or was answered, monotonic ms. */
  seenAt: number;
}

const SESSION = /^[A-Za-z0-9_-]{1,64}$/;
/** A viewer that has asked for nothing for so long is gone, ms: three target durations. */
const GONE_AFTER = 12_000;
const LOOK_INTERVAL = 1_000;

/** The viewers over HLS. They come and go without a word: whoever asks for a media playlist is there, and takes a seat like any other. */
@Injectable()
export class HlsSessions implements OnApplicationShutdown {
  readonly #seats: ViewerSeats;
  readonly #clock: Clock;
  /** By stream, then by session. */
  readonly #streams = new Map<Stream, Map<string, HlsSession>>();
  #stopLooking: (() => void) | undefined;

  constructor(seats: ViewerSeats, @Inject(CLOCK) clock: Clock) {
    this.#seats = seats;
    this.#clock = clock;
  }

  /** A session for somebody who comes. */
  static create(): string {
    return crypto.randomUUID().replaceAll('-', '');
  }

  /**
   * Notes a request for a media playlist; it is held until the returned function is called.
   * @throws SluiceError `bad-request`, `disconnected`, or that of `ViewerSeats.take` if there is no seat for a new viewer.
   */
  visit(visit: HlsVisit): () => void {
    const { stream, session, address } = visit;
    if (session !== undefined && !SESSION.test(session)) throw new SluiceError('bad-request', 'Cannot use that session: open index.m3u8 for one');
    const key = session === undefined ? `address ${address}` : `session ${session}`;
    const known = this.#streams.get(stream)?.get(key) ?? this.#enter(visit, key);
    if (known.refusal !== undefined) {
      known.seenAt = this.#clock.now();
      throw known.refusal;
    }
    known.held++;
    let answered = false;
    return () => {
      if (answered) return;
      answered = true;
      known.held--;
      known.seenAt = this.#clock.now();
    };
  }

  onApplicationShutdown(): void {
    this.#stopLooking?.();
  }

  #enter({ stream, address }: HlsVisit, key: string): HlsSession {
    const leaveSeat = this.#seats.take({ name: stream.name, address });
    const leaveStream = stream.count({ address, disconnect: (error) => disconnect(error) });
    const leave = (): void => {
      leaveSeat();
      leaveStream();
    };
    const session: HlsSession = { leave, held: 0, refusal: undefined, seenAt: this.#clock.now() };
    // It stays known for as long as it goes on asking, so that it can't come back at once.
    const disconnect = (error: SluiceError): void => {
      session.refusal = error;
      leave();
    };
    const sessions = this.#streams.get(stream) ?? new Map<string, HlsSession>();
    sessions.set(key, session);
    this.#streams.set(stream, sessions);
    this.#stopLooking ??= this.#clock.every(LOOK_INTERVAL, () => this.#look());
    return session;
  }

  #look(): void {
    const now = this.#clock.now();
    for (const [stream, sessions] of this.#streams) {
      for (const [key, { leave, held, seenAt }] of sessions) {
        if (held > 0 || now - seenAt < GONE_AFTER) continue;
        sessions.delete(key);
        leave();
      }
      if (sessions.size === 0) this.#streams.delete(stream);
    }
    if (this.#streams.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }
}
