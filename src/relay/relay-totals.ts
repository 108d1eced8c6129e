import type { ErrorCode } from '../protocol/error-code';

/** What a relay has done since it started, as numbers that only rise. */
export class RelayTotals {
  /** Media from publishers, bytes, and the chunks that it made. */
  receivedBytes = 0;
  receivedChunks = 0;
  /** Media to viewers, bytes, and the messages that it went in. */
  sentBytes = 0;
  sentMessages = 0;
  /** How often viewers were behind, and for how long in all, ms, up to when they had caught up or were gone. */
  shuts = 0;
  shutTime = 0;
  /** How often they were not sent what they had missed, and how much that was, bytes. */
  skips = 0;
  skippedBytes = 0;
  /** What was thrown that nobody foresaw. */
  internalErrors = 0;
  readonly #errors = new Map<ErrorCode, number>();

  /** How often each error was told to a publisher or viewer. */
  get errors(): ReadonlyMap<ErrorCode, number> {
    return this.#errors;
  }

  countError(code: ErrorCode): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }
}
