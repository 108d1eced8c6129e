import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { visitOf } from './visit';

/** Groups of an IPv6 address, and how many of them say whose network it is: the rest is a subscriber's own choice (RFC 6177). */
const GROUPS = 8;
const NETWORK_GROUPS = 4;
const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i;

/** What one visitor can't change about an address: all of an IPv4 address, and the /64 network of an IPv6 address. */
export function addressGroup(address: string): string {
  const [plain = ''] = address.replace(MAPPED_IPV4, '').split('%');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const front = groups(head);
  const back = groups(tail ?? '');
  const zeros = Array.from({ length: GROUPS - front.length - back.length }, () => '0');
  const network = [...front, ...(tail === undefined ? [] : zeros), ...back].slice(0, NETWORK_GROUPS);
  return `${network.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

/** An IPv4 address at the end stands for two groups. */
function groups(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['ipv4', 'ipv4'] : [group]));
}

/** The address of whoever sent a request: the other end of its connection, or whom trusted proxies name (`--trust-proxy`). */
export function addressOf(request: IncomingMessage): string {
  return visitOf(request).address;
}
