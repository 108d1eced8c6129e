import { reportFault } from '../base/faults';
import { nextTurn, soon } from '../base/guard';
import { codedError } from '../http/refuse';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';

/** Takes what was asked for, at once or later. If `ready` throws, `failed` is called with that error. */
export interface HlsAnswer<Found> {
  ready(found: Found): void;
  failed(error: SluiceError): void;
}

/** What pending requests need. */
export interface PendingOptions<Asked, Found> {
  readonly clock: Clock;
  /** What is asked for, such as "the playlist": for errors and faults. */
  readonly what: string;
  /**
   * Returns what somebody asks for; undefined while it hasn't come. What this throws refuses this request alone.
   * `late` is whether the request has waited for as long as it may: what there is will do then.
   */
  readonly find: (asked: Asked, late: boolean) => Found | undefined;
  /** Called whenever a request has been answered, or its client has gone. */
  readonly left?: () => void;
}

interface PendingRequest<Asked, Found> {
  readonly asked: Asked;
  readonly answer: HlsAnswer<Found>;
  /** When it has waited for too long, monotonic ms. */
  readonly deadline: number;
}

/** How many requests of one kind wait for one stream at most. */
const MAX_WAITING = 10_000;
/** How many are answered in one turn of the event loop: some 10 ms, after which others are served. */
const ANSWERED_AT_ONCE = 256;
/** How often it is looked whether somebody has waited for too long, ms. */
const LOOK_INTERVAL = 500;
/** After how long somebody who found no place, or has waited for too long, may ask again, seconds. */
const RETRY_AFTER = 1;

/**
 * Requests that wait for what is yet to come, RFC 8216bis §6.2.5.2. Each is answered or refused by itself, in one place, so that nothing
 * that goes wrong with one reaches another, or whoever says that something has come.
 */
export class PendingRequests<Asked, Found> {
  readonly #options: PendingOptions<Asked, Found>;
  /** What its faults name. */
  readonly #where: string;
  readonly #requests = new Set<PendingRequest<Asked, Found>>();
  /** Whether a turn is to come that answers. */
  #scheduled = false;
  #stopLooking: (() => void) | undefined;

  constructor(options: PendingOptions<Asked, Found>) {
    this.#options = options;
    this.#where = `requests for ${options.what}`;
  }

  get size(): number {
    return this.#requests.size;
  }

  /**
   * Lets a request wait, for `patience` ms at most, until the returned function is called.
   * @throws SluiceError `full`.
   */
  add(asked: Asked, answer: HlsAnswer<Found>, patience: number): () => void {
    if (this.#requests.size >= MAX_WAITING) throw new SluiceError('full', `Cannot hold another request: there are ${MAX_WAITING}`, { retryAfter: RETRY_AFTER });
    const { clock } = this.#options;
    const request = { asked, answer, deadline: clock.now() + patience };
    this.#requests.add(request);
    this.#stopLooking ??= clock.every(LOOK_INTERVAL, () => this.answer());
    return () => this.#remove(request);
  }

  /** Answers those whose turn has come, as many as one turn of the event loop has time for, and the others in the next turns. Never throws. */
  answer(): void {
    if (!this.#scheduled) this.#answerSome();
  }

  /** Does the same once the code that runs now has returned. */
  answerSoon(): void {
    if (this.#scheduled || this.#requests.size === 0) return;
    this.#scheduled = true;
    soon(this.#where, () => this.#answerSome());
  }

  #answerSome(): void {
    this.#scheduled = false;
    const now = this.#options.clock.now();
    let left = ANSWERED_AT_ONCE;
    for (const request of this.#requests) {
      if (left === 0) {
        this.#scheduled = true;
        nextTurn(this.#where, () => this.#answerSome());
        return;
      }
      if (this.#settle(request, now)) left--;
    }
  }

  /** Answers or refuses one request; false if it waits on. Never throws. */
  #settle(request: PendingRequest<Asked, Found>, now: number): boolean {
    try {
      const found = this.#find(request, now);
      if (found === undefined) return false;
      this.#remove(request);
      request.answer.ready(found);
    } catch (thrown) {
      this.#remove(request);
      this.#refuse(request, codedError(thrown, this.#where));
    }
    return true;
  }

  #find({ asked, deadline }: PendingRequest<Asked, Found>, now: number): Found | undefined {
    const { find, what } = this.#options;
    const late = now >= deadline;
    const found = find(asked, late);
    if (found === undefined && late) throw new SluiceError('stalled', `Cannot go on with ${what}: nothing has come for too long`, { retryAfter: RETRY_AFTER });
    return found;
  }

  /** Nothing more can be sent to one whose refusal throws: its connection ends by itself. */
  #refuse({ answer }: PendingRequest<Asked, Found>, error: SluiceError): void {
    try {
      answer.failed(error);
    } catch (thrown) {
      reportFault(thrown, this.#where);
    }
  }

  #remove(request: PendingRequest<Asked, Found>): void {
    if (!this.#requests.delete(request)) return;
    this.#options.left?.();
    if (this.#requests.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }
}
