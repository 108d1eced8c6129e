import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { checkTarget } from '../http/request-target';
import { visitOf } from '../http/visit';
import { SluiceError } from '../protocol/error-code';
import { hostName, isLoopback, isOwnOrigin } from './host-name';

const ANY_ADDRESS = new Set(['0.0.0.0', '::']);
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'];

/** Who may watch and who may publish, as long as nobody logs in: decided by where a request comes from. */
export class AccessPolicy {
  readonly #names: ReadonlySet<string>;
  readonly #anyAddress: boolean;
  readonly #origins: ReadonlySet<string>;

  /** @param options `host`: where the relay listens; `allowedHosts`: other names it is reached by; `allowOrigins`: other sites whose pages may use it. */
  constructor(options: { host: string; allowedHosts: readonly string[]; allowOrigins?: readonly string[] }) {
    const host = options.host.toLowerCase();
    this.#anyAddress = ANY_ADDRESS.has(host);
    const own = this.#anyAddress || isLoopback(host) ? LOOPBACK_NAMES : [];
    this.#origins = new Set(options.allowOrigins);
    this.#names = new Set([host, ...own, ...options.allowedHosts.map((name) => name.toLowerCase())]);
  }

  /**
   * Refuses a request for a name that isn't the relay's: a foreign site whose name was made to point here. What a trusted
   * proxy says was asked for must be one, too, but doesn't help: a page of such a site can say so as well.
   * @throws SluiceError `wrong-host`, or `bad-request` if it can't be said what the request is for.
   */
  checkHost(request: IncomingMessage): void {
    checkTarget(request);
    for (const host of [request.headers.host, visitOf(request).host]) {
      const name = hostName(host);
      if (name === undefined || !this.#isOwn(name)) throw new SluiceError('wrong-host', `Cannot answer for the host ${JSON.stringify(shorten(host ?? ''))}: it isn't this relay`);
    }
  }

  /**
   * Refuses what a page of another site sends, unless that is allowed, on top of `checkHost`.
   * @throws SluiceError `wrong-host`, `wrong-origin`.
   */
  checkVisitor(request: IncomingMessage): void {
    this.checkHost(request);
    const { origin } = request.headers;
    if (origin === undefined || this.#origins.has(origin) || isOwnOrigin(request)) return;
    throw new SluiceError('wrong-origin', `Cannot take this from a page of ${JSON.stringify(shorten(origin))}`);
  }

  /**
   * Lets only programs and pages of the relay's own machine publish, on top of `checkVisitor`.
   * @throws SluiceError `wrong-host`, `wrong-origin`, `publish-not-allowed`.
   */
  checkPublish(request: IncomingMessage): void {
    this.checkVisitor(request);
    const way = foreignWay(request);
    if (way !== undefined) throw new SluiceError('publish-not-allowed', `Cannot publish ${way}`);
  }

  /**
   * Lets only programs and pages of the relay's own machine administer it, on top of `checkVisitor`.
   * @throws SluiceError `wrong-host`, `wrong-origin`, `not-allowed`.
   */
  checkAdmin(request: IncomingMessage): void {
    this.checkVisitor(request);
    const way = foreignWay(request);
    if (way !== undefined) throw new SluiceError('not-allowed', `Cannot administer this relay ${way}; without a rule of access only programs and pages of its own machine may`);
  }

  #isOwn(name: string): boolean {
    return this.#names.has(name) || (this.#anyAddress && isIP(name) !== 0);
  }
}

/** How a request came, unless it is of a program or page of the relay's own machine. */
function foreignWay(request: IncomingMessage): string | undefined {
  const { headers } = request;
  const { address, proxied } = visitOf(request);
  if (proxied) return 'through a proxy: the request comes from one of --trust-proxy';
  if (!isLoopback(address)) return 'from another machine';
  if (!isLoopback(hostName(headers.host) ?? '')) return `through the host ${JSON.stringify(shorten(headers.host ?? ''))}`;
  const header = Object.keys(headers).find((name) => name === 'forwarded' || name === 'via' || name.startsWith('x-forwarded-'));
  return header && `through a proxy: the request carries "${shorten(header)}"`;
}

function shorten(text: string): string {
  return text.slice(0, 80);
}
