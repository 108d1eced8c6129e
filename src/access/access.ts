import type { IncomingMessage } from 'node:http';
import { addressOf } from '../http/address';
import { SluiceError } from '../protocol/error-code';
import type { AccessPolicy } from './access-policy';
import { credentialOf, isByCookieAlone } from './credential';
import { type AccessAction, type Authorizer, type Grant, isRefusal } from './grant';
import { isOwnOrigin } from './host-name';

/** How access is decided. */
export interface AccessOptions {
  readonly policy: AccessPolicy;
  /** Decides by credentials; without it, by where a request comes from. */
  readonly authorizer?: Authorizer | undefined;
  /** Whether watching needs a grant, too. */
  readonly private: boolean;
}

/** Where every door asks whether a request may do what it wants, before anything is created for it. */
export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** Whether watching needs a grant: then nothing of a stream may be kept by caches that many share. */
  get private(): boolean {
    return this.#options.private;
  }

  /**
   * Grants a request what it wants to do with the stream `name`; to administer, for a request that changes something, only if
   * no page of another site can have sent it.
   * @throws SluiceError of `AccessPolicy` and `Authorizer`, or `wrong-origin`.
   */
  async authorize(request: IncomingMessage, action: AccessAction, name: string): Promise<Grant> {
    if (action === 'admin' && request.method !== 'GET' && request.method !== 'HEAD') checkForgery(request);
    return this.authorizeBy(credentialOf(request), { request, action, name });
  }

  /** Whether a request may do something. @throws SluiceError if that can't be decided. */
  async may(request: IncomingMessage, action: AccessAction, name: string): Promise<boolean> {
    try {
      await this.authorize(request, action, name);
      return true;
    } catch (thrown) {
      if (isRefusal(thrown)) return false;
      throw thrown;
    }
  }

  /**
   * Which of these streams a request may watch; none for a key or token that is no good.
   * @throws SluiceError of `AccessPolicy`, or if it can't be decided.
   */
  async watchable(request: IncomingMessage, names: readonly string[]): Promise<ReadonlySet<string>> {
    const { policy, authorizer, private: isPrivate } = this.#options;
    policy.checkVisitor(request);
    if (authorizer === undefined || !isPrivate) return new Set(names);
    try {
      return await authorizer.watchable({ names, credential: credentialOf(request), address: addressOf(request), request });
    } catch (thrown) {
      if (isRefusal(thrown)) return new Set();
      throw thrown;
    }
  }

  /** The same by a key or token that came later than the request. */
  async authorizeBy(credential: string | undefined, { request, action, name }: { request: IncomingMessage; action: AccessAction; name: string }): Promise<Grant> {
    const { policy, authorizer, private: isPrivate } = this.#options;
    const address = addressOf(request);
    if (authorizer !== undefined || action === 'watch') policy.checkVisitor(request);
    else if (action === 'publish') policy.checkPublish(request);
    else policy.checkAdmin(request);
    if (authorizer === undefined || (action === 'watch' && !isPrivate)) return { who: address };
    return authorizer.authorize({ action, name, credential, address, request });
  }
}

/**
 * A browser says from which site a request comes, or where it doesn't, brings nothing along by itself but a cookie: then what
 * changes something needs a credential in a header or the address, which another site doesn't know. Other sites that may
 * read (`--allow-origin`) may change nothing.
 */
function checkForgery(request: IncomingMessage): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const own = origin === undefined ? site === undefined || site === 'same-origin' || site === 'none' : isOwnOrigin(request);
  if (own && (origin !== undefined || !isByCookieAlone(request))) return;
  throw new SluiceError('wrong-origin', 'Cannot change anything for a page of another site, or by a cookie alone');
}
