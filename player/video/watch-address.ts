/** The address of the watch socket that a `src` means: `/watch/NAME`, or any address of it with http, https, ws or wss; undefined if it is none. */
export function watchAddress(src: string, base: string): URL | undefined {
  try {
    const url = new URL(src, base);
    url.protocol = url.protocol.replace(/^http/, 'ws');
    url.hash = '';
    return /^wss?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}
