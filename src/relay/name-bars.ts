import { SluiceError } from '../protocol/error-code';
import type { Clock } from './clock';

/** However short streams are held: else who connects again at once would undo what was done. */
const SHORTEST = 10_000;

/** The names of streams that the operator has ended, which nobody may publish for a while. */
export class NameBars {
  readonly #clock: Clock;
  readonly #time: number;
  /** Until when each is barred, monotonic ms: those that end first stand first. */
  readonly #bars = new Map<string, number>();

  /** `hold` is how long a stream is held for its publisher, ms. */
  constructor({ clock, hold }: { clock: Clock; hold: number }) {
    this.#clock = clock;
    this.#time = Math.max(hold, SHORTEST);
  }

  /** Bars a name from now on; what its publisher is told: without a time after which to try again, since clients would do so by themselves. */
  add(name: string): SluiceError {
    this.#forgetOld();
    this.#bars.delete(name);
    this.#bars.set(name, this.#clock.now() + this.#time);
    return new SluiceError('ended-by-operator', `Cannot go on with "${name}": who runs the relay has ended it`);
  }

  /** Lets the name be published at once. */
  lift(name: string): void {
    this.#bars.delete(name);
  }

  /** @throws SluiceError `ended-by-operator`. */
  check(name: string): void {
    const left = (this.#bars.get(name) ?? 0) - this.#clock.now();
    if (left <= 0) return;
    const retryAfter = Math.ceil(left / 1000);
    throw new SluiceError('ended-by-operator', `Cannot publish "${name}" for ${retryAfter} s: who runs the relay has ended it`, { retryAfter });
  }

  #forgetOld(): void {
    for (const [name, until] of this.#bars) {
      if (until > this.#clock.now()) return;
      this.#bars.delete(name);
    }
  }
}
