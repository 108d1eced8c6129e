import type { IncomingMessage } from 'node:http';
import { SluiceError } from '../protocol/error-code';
import { readQuery } from '../protocol/query';

const ABSOLUTE = /^https?:\/\/([^/?#\\]*)(\/.*)?$/i;
/** What Express would read in another way than the doors do: a fragment, a backslash, a space of any kind. */
const AMBIGUOUS = /[#\\\s\u00a0\ufeff]/;

/**
 * Makes the `url` of a request its path and query alone (RFC 9112, section 3.2.1), before anything else hears of it: so
 * routes, doors and the log all go by the same text. What isn't well-formed is left, and refused by `checkTarget`.
 */
export function normalizeTarget(request: IncomingMessage): void {
  request.url = readTarget(request) ?? request.url ?? '';
}

/**
 * Refuses a request that names two hosts, or whose target can be read in more than one way.
 * @throws SluiceError `bad-request`.
 */
export function checkTarget(request: IncomingMessage): void {
  if (countHosts(request) > 1) throw new SluiceError('bad-request', 'Cannot answer for two hosts: the request has more than one "Host"');
  if (readTarget(request) === undefined) throw new SluiceError('bad-request', 'Cannot read the target of this request: it must be a path, or an address of the host that "Host" names');
}

/** The path and query of a request; undefined if its target is malformed, or an address of another host (RFC 9112, section 3.2.2). */
function readTarget({ url = '', headers }: IncomingMessage): string | undefined {
  if (AMBIGUOUS.test(url)) return undefined;
  if (url.startsWith('/')) return url;
  const [, authority, path = '/'] = ABSOLUTE.exec(url) ?? [];
  return authority !== undefined && authority.toLowerCase() === headers.host?.toLowerCase() ? path : undefined;
}

function countHosts({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
}

/** The query of a request. */
export function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return readQuery(url);
}
