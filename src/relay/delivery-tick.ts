import type { Clock, Failed } from './clock';
import type { DeliveryInterval } from './delivery-pace';

/** The shortest interval, of which the others are multiples, ms. */
const TICK = 20;

/** The common beat of all that is gathered, so that viewers of one interval can share what is joined for them. */
export class DeliveryTick {
  readonly #clock: Clock;
  readonly #failed: Failed;
  readonly #listeners = new Set<() => void>();
  #count = 0;
  #stop: (() => void) | undefined;

  constructor(clock: Clock, failed: Failed) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Whether what is gathered for that long is due at this beat. */
  isDue(interval: DeliveryInterval): boolean {
    return interval === 0 || this.#count % (interval / TICK) === 0;
  }

  /** Calls `run` at each beat until the returned function is called. */
  listen(run: () => void): () => void {
    this.#listeners.add(run);
    this.#stop ??= this.#clock.every(TICK, () => this.#beat());
    return () => {
      this.#listeners.delete(run);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #beat(): void {
    this.#count++;
    for (const run of this.#listeners) {
      try {
        run();
      } catch (error) {
        this.#failed(error, 'the beat of a stream');
      }
    }
  }
}
