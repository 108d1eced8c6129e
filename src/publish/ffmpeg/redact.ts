const CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#]*@/gi;
const QUERY = /\b([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi;

/** The text without the secrets that addresses in it may hold: user and password, and the query (tokens, passphrases). */
export function redact(text: string): string {
  return text.replace(CREDENTIALS, '$1…@').replace(QUERY, '$1?…');
}
