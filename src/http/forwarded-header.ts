import { isIP } from 'node:net';

/** What proxies say of a request in the headers that they add. */
export interface Forwarded {
  /** Addresses, each as the next proxy saw it: the newest first. Text that is no address is undefined. */
  readonly addresses: readonly (string | undefined)[];
  /** The `Host` that the newest proxy was asked for. */
  readonly host: string | undefined;
  /** The scheme that it was asked by. */
  readonly proto: string | undefined;
}

/** Which headers a proxy writes. The others may come from anybody, and are passed on by it unread. */
export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

/** One pair of RFC 7239, section 4, and the sign behind it; a quoted value may hold such signs itself. */
const PAIR = /\s*([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*(;|,|$)/y;

/** Reads `X-Forwarded-For`, `X-Forwarded-Host` and `X-Forwarded-Proto`, or `Forwarded` (RFC 7239). */
export function readForwarded(headers: Readonly<Record<string, string | string[] | undefined>>, header: ForwardedHeader): Forwarded {
  const text = (name: string): string => String(headers[name] ?? '');
  if (header === 'forwarded') {
    const elements = readElements(text('forwarded')).reverse();
    const [newest] = elements;
    return { addresses: elements.map((element) => plainAddress(element.get('for') ?? '')), host: newest?.get('host'), proto: newest?.get('proto') };
  }
  const list = (name: string): string[] => text(name).split(',').map((item) => item.trim()).filter((item) => item !== '').reverse();
  return { addresses: list('x-forwarded-for').map(plainAddress), host: list('x-forwarded-host')[0], proto: list('x-forwarded-proto')[0] };
}

/** The elements of a `Forwarded`, oldest first; none if it is malformed, since then nothing in it can be told apart. */
function readElements(text: string): Map<string, string>[] {
  const elements: Map<string, string>[] = [];
  let pairs = new Map<string, string>();
  for (PAIR.lastIndex = 0; PAIR.lastIndex < text.length; ) {
    const match = PAIR.exec(text);
    if (match === null) return [];
    const [, name = '', quoted, plain = '', sign] = match;
    pairs.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain);
    if (sign === ';') continue;
    elements.push(pairs);
    pairs = new Map();
  }
  return elements;
}

/** An address without brackets and port, and an IPv4 address as such though it comes as IPv6; undefined for any other text. */
export function plainAddress(text: string): string | undefined {
  const [, bracketed, withPort] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  const address = (bracketed ?? withPort ?? text).replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address;
}
