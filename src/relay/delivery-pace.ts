import type { Clock } from './clock';

/** How long chunks are gathered for a viewer before they are sent as one message, ms; 0 sends each as it comes. */
export type DeliveryInterval = 0 | 20 | 40 | 80;

/** All of them, shortest first. */
export const DELIVERY_INTERVALS: readonly DeliveryInterval[] = [0, 20, 40, 80];

/** The steps of the default: a busy process sends fewer, larger messages. */
const STEPS: readonly DeliveryInterval[] = [0, 20, 40];
const SAMPLE_INTERVAL = 1_000;
/** Above this share of the time, for so many samples, the default moves a step up. */
const BUSY = { load: 0.75, samples: 2 };
/** Below this one, for so many samples, a step down. What a step up saves (at most two thirds) must not lead back here. */
const SPARE = { load: 0.2, samples: 10 };

/**
 * The delivery interval of viewers that choose none: 0 while the process has time to spare, and longer, up to 40 ms, as it
 * gets busy. One for the whole process.
 */
export class DeliveryPace {
  readonly #clock: Clock;
  readonly #load: () => number;
  #step = 0;
  #busy = 0;
  #spare = 0;
  #sampledAt = -Infinity;

  /** `load` says what share of the time since its last call the process was busy, 0 to 1. */
  constructor({ clock, load }: { clock: Clock; load: () => number }) {
    this.#clock = clock;
    this.#load = load;
  }

  get interval(): DeliveryInterval {
    return STEPS[this.#step] ?? 0;
  }

  /** Looks at the load; more often than once a second makes no difference. */
  update(): void {
    const now = this.#clock.now();
    if (now - this.#sampledAt < SAMPLE_INTERVAL) return;
    this.#sampledAt = now;
    const load = this.#load();
    this.#busy = load > BUSY.load ? this.#busy + 1 : 0;
    this.#spare = load < SPARE.load ? this.#spare + 1 : 0;
    if (this.#busy >= BUSY.samples) this.#move(1);
    else if (this.#spare >= SPARE.samples) this.#move(-1);
  }

  #move(steps: number): void {
    this.#step = Math.min(STEPS.length - 1, Math.max(0, this.#step + steps));
    this.#busy = 0;
    this.#spare = 0;
  }
}
