/**
 * The query of an address, or of the target of a request: all that is after its first question mark, as `URLSearchParams` reads it
 * (https://url.spec.whatwg.org/#urlencoded-parsing). Of a name that is there twice, `get` gives the first. A name without a value has the
 * empty string. `+` is a space; a broken escape stands for itself, and bytes that aren't UTF-8 for U+FFFD: nothing throws.
 */
export function readQuery(address: string): URLSearchParams {
  // It leaves out the question mark itself.
  return new URLSearchParams(address.replace(/^[^?]*/, ''));
}
