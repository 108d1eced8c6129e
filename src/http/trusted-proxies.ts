import { isIP } from 'node:net';
import { compile } from 'proxy-addr';

/** A number of proxies, of which each adds itself, instead of their addresses. */
const HOPS = /^\d{1,2}$/;
const NETWORK_NAMES: readonly string[] = ['loopback', 'linklocal', 'uniquelocal'];

/** The proxies whose word on a request counts. */
export class TrustedProxies {
  readonly #trusts: (address: string, hop: number) => boolean;

  /**
   * @param trusted addresses, networks such as `10.0.0.0/8`, `loopback`, `linklocal`, `uniquelocal`; or one number: how many
   * proxies every request comes through.
   * @throws TypeError for anything else.
   */
  constructor(trusted: readonly string[]) {
    const [only = ''] = trusted;
    if (trusted.length === 0) this.#trusts = () => false;
    else if (trusted.length === 1 && HOPS.test(only)) this.#trusts = (_address, hop) => hop < Number(only);
    else this.#trusts = compile(trusted.map(checkNetwork));
  }

  /** Whether `address` is a proxy's. `hop` is 0 for the other end of the connection, 1 for whoever connected to that, and so on. */
  has(address: string, hop: number): boolean {
    return this.#trusts(address, hop);
  }

  /** Of `peer`, the other end of a connection, and what it and those behind it say: the newest address that is no trusted proxy's. */
  clientOf(peer: string, forwarded: readonly (string | undefined)[]): string {
    let client = peer;
    for (const [hop, behind] of forwarded.entries()) {
      if (behind === undefined || !this.has(client, hop)) break;
      client = behind;
    }
    return client;
  }
}

/** `proxy-addr` would take "1" for 0.0.0.1. */
function checkNetwork(text: string): string {
  const [address = ''] = text.split('/');
  if (NETWORK_NAMES.includes(text) || isIP(address) !== 0) return text;
  throw new TypeError(`Cannot trust ${JSON.stringify(text)}: it is no address or network`);
}
