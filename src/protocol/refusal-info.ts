import type { ErrorCode } from './error-code';

/** What `GET /api/refusals` returns of one publisher that was turned away, or had to go. */
export interface RefusalInfo {
  /** As it was asked for: not necessarily the name of a stream. Cut off after 80 characters. */
  readonly name: string;
  /** Where the publisher connected from; `source` for a source of the relay. */
  readonly address: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  /** How often it was refused for this reason since `first`. */
  readonly count: number;
  /** Unix time in ms of the first and the last time. */
  readonly first: number;
  readonly last: number;
}

/** The body of `GET /api/refusals`: the last refusal first. */
export interface RefusalList {
  readonly refusals: readonly RefusalInfo[];
}
