import { parse as parseCookie } from 'cookie';
import type { IncomingMessage } from 'node:http';
import { readQuery } from '../protocol/query';
import { isOwnOrigin } from './host-name';

/** The cookie that a page of the relay keeps a key in. */
export const CREDENTIAL_COOKIE = 'sluice_token';
/** No key or token is longer. */
const MAX_LENGTH = 8_192;

/**
 * The key or token that a request brings: `Authorization: Bearer`, the password of `Authorization: Basic` (what ffmpeg
 * and ffplay make of `http://publisher:KEY@host/`), `?token=`, or the relay's own cookie; the first of these. What pages of
 * other sites send has no cookie's leave: whoever opened such a page didn't ask for it.
 */
export function credentialOf(request: IncomingMessage): string | undefined {
  const { headers } = request;
  const cookie = headers.origin === undefined || isOwnOrigin(request) ? fromCookie(headers.cookie) : undefined;
  return usable(shownCredential(request) ?? cookie);
}

/** Whether its cookie is all that a request shows who it is by: a browser adds that by itself, whoever has it ask. */
export function isByCookieAlone(request: IncomingMessage): boolean {
  return shownCredential(request) === undefined && credentialOf(request) !== undefined;
}

function shownCredential({ headers, url = '' }: IncomingMessage): string | undefined {
  return fromAuthorization(headers.authorization) ?? readQuery(url).get('token') ?? undefined;
}

function usable(found: string | undefined): string | undefined {
  return found === undefined || found === '' || found.length > MAX_LENGTH ? undefined : found;
}

function fromAuthorization(header = ''): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) +([^\s]+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return password;
}

function fromCookie(header = ''): string | undefined {
  return parseCookie(header, { decode: (value) => value })[CREDENTIAL_COOKIE];
}
