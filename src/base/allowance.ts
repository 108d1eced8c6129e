import type { Clock } from '../relay/clock';

/** How much of something may come: `burst` at once, and `perSecond` in the long run. Infinity sets no limit. */
interface Allowed {
  readonly burst: number;
  readonly perSecond: number;
}

/** What a client may still spend of something: it fills up again with time, as far as the burst. */
export class Allowance {
  readonly #allowed: Allowed;
  readonly #clock: Pick<Clock, 'now'>;
  #left: number;
  #at: number;

  constructor(allowed: Allowed, clock: Pick<Clock, 'now'>) {
    this.#allowed = allowed;
    this.#clock = clock;
    this.#left = allowed.burst;
    this.#at = clock.now();
  }

  /** Spends so much; false if that was more than there is. */
  spend(amount: number): boolean {
    if (this.#allowed.burst === Infinity) return true;
    this.#fill();
    this.#left -= amount;
    return this.#left >= 0;
  }

  /** Spends so much if there is so much; else nothing, so that who goes on asking gets no further into debt. */
  afford(amount: number): boolean {
    if (this.#allowed.burst === Infinity) return true;
    this.#fill();
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  #fill(): void {
    const now = this.#clock.now();
    const { burst, perSecond } = this.#allowed;
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
  }

  /** How long nothing more should come, ms, until what was spent too much has come in again. */
  get wait(): number {
    return this.#left >= 0 ? 0 : (-this.#left / this.#allowed.perSecond) * 1000;
  }
}
