/**
 * The address of something at the relay that serves this page, which a proxy may have below a path of its own.
 * @param path without a slash at the beginning.
 */
export function relayUrl(path: string, root: string = document.baseURI): URL {
  return new URL(path, root);
}
