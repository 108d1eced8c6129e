import { nextTurn } from '../base/guard';
import { codedError } from '../http/refuse';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { type DeliveryDirectives, isDue, type PlaylistEdge } from './delivery-directives';

/** A request that waits until the playlist has something. */
export interface PlaylistWaiter {
  readonly directives: DeliveryDirectives;
  /** Whether it is answered with what there is when it has waited for too long. */
  enough(): boolean;
  /** Answers it. If this throws, `failed` is called with that error. */
  ready(): void;
  failed(error: SluiceError): void;
}

/** How many wait for one stream at most. */
export const MAX_WAITING = 10_000;
/** How many are answered in one turn of the event loop: some 10 ms, after which others are served. */
export const ANSWERED_AT_ONCE = 256;
/** How often it is looked whether somebody has waited for too long, ms. */
const LOOK_INTERVAL = 500;
/** After how long somebody who found no place may ask again, seconds. */
const RETRY_AFTER = 1;

/**
 * The requests for one playlist that wait until it has what they ask for, RFC 8216bis §6.2.5.2. They are answered outside of any
 * request, by a timer or after a chunk: so nothing that an answer throws leaves this class.
 */
export class PlaylistWaits {
  readonly #clock: Clock;
  /** When each has waited for too long, monotonic ms; in that order. */
  readonly #waiting = new Map<PlaylistWaiter, number>();
  #stopLooking: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Lets somebody wait, for `patience` ms at most, until the returned function is called.
   * @throws SluiceError `full`.
   */
  add(waiter: PlaylistWaiter, patience: number): () => void {
    if (this.#waiting.size >= MAX_WAITING) throw new SluiceError('full', `Cannot hold another request: there are ${MAX_WAITING}`, { retryAfter: RETRY_AFTER });
    this.#waiting.set(waiter, this.#clock.now() + patience);
    this.#stopLooking ??= this.#clock.every(LOOK_INTERVAL, () => this.#look());
    return () => this.#remove(waiter);
  }

  /** Answers those who need wait no longer, as many as one turn has time for. Returns whether there are more of them. */
  check(edge: PlaylistEdge): boolean {
    let left = ANSWERED_AT_ONCE;
    for (const waiter of [...this.#waiting.keys()]) {
      if (!this.#waiting.has(waiter) || !isDue(waiter.directives, edge)) continue;
      if (left-- === 0) return true;
      this.#remove(waiter);
      answer(waiter);
    }
    return false;
  }

  /** Answers all with an error. */
  fail(error: SluiceError): void {
    for (const waiter of [...this.#waiting.keys()]) {
      this.#remove(waiter);
      refuse(waiter, error);
    }
  }

  #remove(waiter: PlaylistWaiter): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size > 0) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  #look(): void {
    const now = this.#clock.now();
    let left = ANSWERED_AT_ONCE;
    for (const [waiter, deadline] of [...this.#waiting]) {
      if (deadline > now) return;
      if (left-- === 0) {
        nextTurn('the playlists that were waited for', () => this.#look());
        return;
      }
      this.#remove(waiter);
      if (waiter.enough()) answer(waiter);
      else refuse(waiter, stalled('the playlist'));
    }
  }
}

/** The error of whoever has waited for too long. */
export function stalled(what: string): SluiceError {
  return new SluiceError('stalled', `Cannot go on with ${what}: nothing has come for too long`, { retryAfter: RETRY_AFTER });
}

function answer(waiter: PlaylistWaiter): void {
  try {
    waiter.ready();
  } catch (thrown) {
    refuse(waiter, codedError(thrown));
  }
}

function refuse(waiter: PlaylistWaiter, error: SluiceError): void {
  try {
    waiter.failed(error);
  } catch {
    // Nothing more can be sent to it; its connection ends by itself.
  }
}
