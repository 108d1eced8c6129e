/** The codes with `retry: true` in `ERRORS`, as a test checks: without the table, whose texts would make scripts of pages larger. */
const RETRIED = /^(grant-expired|no-session|no-stream|too-many|too-slow|stalled|full|access-unavailable|restarting|internal)$/;

/** What a client has to know of an error. */
interface Refusal {
  readonly code: string;
  /** Seconds after which another try makes sense. */
  readonly retryAfter?: number | undefined;
  /** The request that it answers. */
  readonly id?: number | undefined;
}

/**
 * Whether a client may try again by itself, though nothing was changed: where the code's `retry` says so, or this error carries
 * `retryAfter`. A code of a newer relay, which the client doesn't know, is tried again only with `retryAfter`.
 */
export function mayRetry({ code, retryAfter = 0 }: Refusal): boolean {
  return retryAfter > 0 || RETRIED.test(code);
}

/** Whether an `error` message is the reason for the close that follows it. Others answer one message, and the socket stays. */
export function endsConnection({ code, id }: Refusal): boolean {
  return id === undefined && code !== 'bad-message';
}
