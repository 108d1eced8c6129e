/** Refusals that no other try mends, whether the stream was asked for by a socket or over HLS. */
export const FINAL: ReadonlySet<string> = new Set(['bad-name', 'bad-request', 'not-authenticated', 'not-allowed', 'disconnected', 'wrong-host', 'wrong-origin', 'wrong-container', 'not-found']);
