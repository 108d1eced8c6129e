/** The address of the watch socket that a `src` means: `/watch/NAME`, or any address of it with http, https, ws or wss. */
export function watchAddress(src: string, base: string): URL {
  const url = new URL(src, base);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  url.hash = '';
  return url;
}
