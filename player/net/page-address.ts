import { readQuery } from '../../src/protocol/query';

/**
 * The address of something at the relay that serves this page, which a proxy may have below a path of its own.
 * @param path without a slash at the beginning.
 */
export function relayUrl(path: string, root: string = document.baseURI): URL {
  return new URL(path, root);
}

/** The name of the stream that the page is about: the last part of its path, wherever a proxy has the relay. */
export function pageStream({ pathname }: Pick<Location, 'pathname'> = location): string {
  return decodeURIComponent(pathname.split('/').findLast((part) => part !== '') ?? '');
}

/**
 * `&token=…` for the addresses that a page asks for, where it was opened by a link with a key or token of its own
 * (`/watch/NAME?token=…`); else nothing.
 */
export function pageToken(first: '?' | '&', search = location.search): string {
  const token = readQuery(search).get('token');
  return token ? `${first}token=${encodeURIComponent(token)}` : '';
}
