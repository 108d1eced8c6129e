/** What a stream may be called: letters, digits, `_` and `-`, at most 64; no dot, so that `NAME.mp4` is never ambiguous. */
const STREAM_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Characters of a name that are shown of one that can't be used. */
const SHOWN = 80;
/** A question mark, also an escaped one: whoever escapes it has put a key or token into the name. */
const QUERY = /(?:\?|%3f).*$/is;

/** What messages and the log show of a name that was asked for. */
export function shownName(name: string): string {
  return name.replace(QUERY, '').slice(0, SHOWN);
}

/** Whether `value` may name a stream. */
export function isStreamName(value: string): boolean {
  return STREAM_NAME.test(value);
}
