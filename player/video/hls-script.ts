import type Hls from 'hls.js';

/** Where a relay keeps hls.js, seen from the address of a playlist: a proxy may have both below a path of its own. */
const SCRIPT = '../../player/hls.js';

/** The address of the playlist that an address of a watch socket stands for. What plays it asks for parts, and so can begin with one segment. */
export function hlsAddress(watch: URL): URL {
  const url = new URL(watch);
  url.protocol = url.protocol.replace(/^ws/, 'http');
  url.pathname = url.pathname.replace(/\/watch\/([^/]+)$/, '/hls/$1/index.m3u8');
  url.searchParams.set('segments', '1');
  return url;
}

/** hls.js, from the relay that has the playlist at `url`. It is loaded only by pages that need it, and once. */
export async function loadHls(url: URL): Promise<typeof Hls> {
  const script = new URL(SCRIPT, url);
  const { default: made } = (await import(/* @vite-ignore */ script.href)) as { readonly default: typeof Hls };
  return made;
}

/** Whether the relay gives that playlist just now. */
export async function answersHls(url: URL): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    // No way to the relay at all: the socket has no better one.
    return false;
  }
}
