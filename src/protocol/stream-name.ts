/** What a stream may be called: letters, digits, `_` and `-`, at most 64; no dot, so that `NAME.mp4` is never ambiguous. */
export const STREAM_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Whether `value` may name a stream. */
export function isStreamName(value: string): boolean {
  return STREAM_NAME.test(value);
}
