/**
 * `&token=…` for the addresses that a page asks for, where it was opened by a link with a key or token of its own
 * (`/watch/NAME?token=…`); else nothing.
 */
export function pageToken(first: '?' | '&', search = location.search): string {
  const token = new URLSearchParams(search).get('token');
  return token === null || token === '' ? '' : `${first}token=${encodeURIComponent(token)}`;
}
