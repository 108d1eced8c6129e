const SECONDS = 5;

/** Bits a second over the last five whole seconds. */
export class BitrateMeter {
  readonly #seconds: number[] = [];
  #current = 0;

  add(bytes: number): void {
    this.#current += bytes;
  }

  /** Call once a second. */
  tick(): void {
    this.#seconds.push(this.#current);
    this.#current = 0;
    if (this.#seconds.length > SECONDS) this.#seconds.shift();
  }

  /** Bits a second. */
  get value(): number {
    if (this.#seconds.length === 0) return this.#current * 8;
    return (this.#seconds.reduce((sum, bytes) => sum + bytes, 0) * 8) / this.#seconds.length;
  }
}
