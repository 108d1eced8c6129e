/** How many there are of each kind. Nothing is kept for a count of zero: kinds come and go without end. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** How many there are of all kinds. */
  get total(): number {
    return this.#total;
  }

  /** How many kinds there are. */
  get kinds(): number {
    return this.#counts.size;
  }

  /** How many there are of a kind. */
  of(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Counts one more, until the returned function is called, which may be called twice. */
  add(kind: string): () => void {
    this.#change(kind, 1);
    let gone = false;
    return () => {
      if (!gone) this.#change(kind, -1);
      gone = true;
    };
  }

  #change(kind: string, by: 1 | -1): void {
    const count = this.of(kind) + by;
    this.#total += by;
    if (count > 0) this.#counts.set(kind, count);
    else this.#counts.delete(kind);
  }
}
