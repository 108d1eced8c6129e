import type { IncomingMessage } from 'node:http';
import { addressOf } from '../http/address';
import type { AccessPolicy } from './access-policy';
import { credentialOf } from './credential';
import { type AccessAction, type Authorizer, type Grant, isRefusal } from './grant';

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
   * Leave for a request to do what it wants with the stream `name`.
   * @throws SluiceError of `AccessPolicy` and `Authorizer`.
   */
  authorize(request: IncomingMessage, action: AccessAction, name: string): Promise<Grant> {
    return this.authorizeBy(credentialOf(request), { request, action, name });
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
      return await authorizer.watchable({ names, credential: credentialOf(request), address: addressOf(request) });
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
    return authorizer.authorize({ action, name, credential, address });
  }
}
