/** An address in a text. No scheme is longer, so that no text takes long. */
const ADDRESS = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)(\S+)/gi;
/** User and password, host, path, query, and what of the sentence around stands at the end. */
const PARTS = /^(?:([^/?#]*)@)?([^/?#]*?)([/#][^?]*?)?(\?.*?)?([:;,.)'"]*)$/s;
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;
/** Shorter pieces of a path or query say too little to be a secret, and too often something else. */
const SHORTEST_KEY = 8;

/**
 * The text without the secrets that addresses in it may hold: user and password, the path (of RTMP, it ends with the key of
 * a stream), and the query (tokens, passphrases). Scheme and host stay, and where something stood.
 */
export function redact(text: string): string {
  return text.replace(ADDRESS, (_address, scheme: string, rest: string) => {
    const [, user, host = '', path = '', query, end = ''] = PARTS.exec(rest) ?? [];
    const where = path === '' || path === '/' ? path : '/…';
    return `${scheme}${user === undefined ? '' : '…@'}${HOST.test(host) || host === '' ? host : '…'}${where}${query === undefined ? '' : '?…'}${end}`;
  });
}

/** The same for what ffmpeg says of an input: servers name the key in their own words, too, as in `Failed to play KEY`. */
export function redactLine(line: string, { address, protocol }: { readonly address: string; readonly protocol: string | undefined }): string {
  const [, , , path = '', query = ''] = protocol === undefined ? [] : (PARTS.exec(address.replace(/^[^:]*:\/\//, '')) ?? []);
  const keys = [...path.split('/'), ...query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1))].filter((piece) => piece.length >= SHORTEST_KEY);
  return keys.reduce((text, key) => text.replaceAll(key, '…'), redact(line));
}

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
