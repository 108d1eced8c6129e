/** Keeps a parser from going on after an error, when its state says nothing any more: every call throws that error again. */
export class ParserGuard {
  #failure: { readonly error: unknown } | undefined;

  run<Result>(work: () => Result): Result {
    if (this.#failure) throw this.#failure.error;
    try {
      return work();
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }
}
