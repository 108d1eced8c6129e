/** Says when something has been below a level for a while without a break: sound that is silence, a picture that is black. */
export class QuietWatch {
  readonly #level: number;
  readonly #patience: number;
  #since: number | undefined;

  /** @param patience ms. */
  constructor({ level, patience }: { level: number; patience: number }) {
    this.#level = level;
    this.#patience = patience;
  }

  /** Takes what was measured at `now`, ms; undefined if nothing can be: that is no quiet. */
  take(measured: number | undefined, now: number): boolean {
    if (measured === undefined || measured >= this.#level) this.#since = undefined;
    else this.#since ??= now;
    return this.#since !== undefined && now - this.#since >= this.#patience;
  }
}
