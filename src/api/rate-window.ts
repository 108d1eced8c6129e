import type { ThrottlerStorage } from '@nestjs/throttler';
import { NewestMap } from '../base/newest-map';
import type { Clock } from '../relay/clock';

/** The window of the API's rate, ms. */
export const MINUTE = 60_000;
/** So many addresses are counted; of more, those that came first are forgotten. */
const MAX_KEYS = 10_000;

interface Window {
  hits: number;
  /** When it ends, monotonic ms. */
  readonly until: number;
}

type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Counts what each address asks within a window of time: for the throttler, in bounded memory and without a timer. */
export class RateWindow implements ThrottlerStorage {
  readonly #clock: Clock;
  readonly #windows = new NewestMap<Window>(MAX_KEYS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `count`, for the throttler. */
  increment(key: string, time: number, limit: number): Promise<ThrottlerRecord> {
    return Promise.resolve(this.count(key, time, limit));
  }

  /** Notes one more; `time` is how long a window is, ms. */
  count(key: string, time: number, limit: number): ThrottlerRecord {
    const now = this.#clock.now();
    const window = this.#open(key, now, time);
    window.hits++;
    const left = Math.max(1, Math.ceil((window.until - now) / 1000));
    return { totalHits: window.hits, timeToExpire: left, isBlocked: window.hits > limit, timeToBlockExpire: left };
  }

  #open(key: string, now: number, time: number): Window {
    const known = this.#windows.get(key);
    if (known !== undefined && known.until > now) return known;
    const window = { hits: 0, until: now + time };
    this.#windows.set(key, window);
    return window;
  }
}
