import type { Clock } from '../../src/relay/clock';

interface Timer {
  due: number;
  readonly run: () => void;
  /** Of a timer that repeats. */
  readonly interval?: number;
}

/** Time that stands still until the test lets it pass. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  /** Unix time at which `now()` was 0. */
  #wallZero = 1_700_000_000_000;

  /** Timers that are still to run. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  /** Unix time, ms, that has nothing to do with `now()`, and runs beside it. */
  wall(): number {
    return this.#wallZero + this.#now;
  }

  /** Sets Unix time, as an operator or NTP does; `now()` knows nothing of it. */
  setWall(ms: number): void {
    this.#wallZero = ms - this.#now;
  }

  after(ms: number, run: () => void): () => void {
    return this.#start({ due: this.#now + ms, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.#start({ due: this.#now + ms, run, interval: ms });
  }

  /** Lets `ms` pass, and runs what falls due meanwhile, in order. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.due > until) break;
      this.#now = Math.max(this.#now, next.due);
      if (next.interval === undefined) this.#timers.delete(next);
      else next.due += next.interval;
      next.run();
    }
    this.#now = until;
  }

  #start(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.due - b.due)[0];
  }
}
