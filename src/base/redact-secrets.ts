/** What secrets look like wherever they turn up in a line of JSON, and what of it may stay. */
const SECRETS: readonly [RegExp, string][] = [
  [/\b((?:access_)?token|password|secret|session|key)=[^&\s"'\\]+/gi, '$1=…'],
  [/\b(bearer|basic) +[\w.~+/=-]{8,}/gi, '$1 …'],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'\\]*@/gi, '$1…@'],
  [/\bsluice_[\w-]{20,}/g, 'sluice_…'],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, 'eyJ…'],
];

/**
 * A line of the log without keys, tokens and passwords. No part of the relay puts them there: this is for what others say,
 * such as the errors of libraries, and for mistakes to come.
 */
export function redactSecrets(line: string): string {
  return SECRETS.reduce((text, [secret, instead]) => text.replace(secret, instead), line);
}
