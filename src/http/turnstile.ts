import { guard, nextTurn } from '../base/guard';

/** Lets a few through in each turn of the event loop. The others wait in line, so that what else is due gets its turn between. */
export class Turnstile {
  readonly #perTurn: number;
  #line: (() => void)[] = [];
  #left: number;
  #scheduled = false;

  constructor(perTurn: number) {
    this.#perTurn = perTurn;
    this.#left = perTurn;
  }

  /** Whether one more may pass in this turn. */
  pass(): boolean {
    this.#schedule();
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  /** Calls `run` in a later turn, when it may pass. */
  wait(run: () => void): void {
    this.#line.push(run);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    nextTurn('the turnstile', () => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#scheduled = false;
    const next = this.#line.slice(0, this.#perTurn);
    this.#line = this.#line.slice(next.length);
    this.#left = this.#perTurn - next.length;
    if (this.#line.length > 0) this.#schedule();
    for (const run of next) guard('a request that waited for its turn', run);
  }
}
