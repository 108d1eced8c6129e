import { SluiceError } from '../protocol/error-code';
import { readQuery } from '../protocol/query';

const SESSION = /^[A-Za-z0-9_-]{16,128}$/;

/**
 * The `?session=` of a publisher's address: who brings the same takes over at once.
 * @param url the request's, path and query.
 * @throws SluiceError `bad-request` if it is malformed.
 */
export function readSession(url: string): string | undefined {
  const session = readQuery(url).get('session');
  if (session === null) return undefined;
  if (!SESSION.test(session)) throw new SluiceError('bad-request', 'Cannot use this session: it must be 16 to 128 letters, digits, "_" and "-"');
  return session;
}
