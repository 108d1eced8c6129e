import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { Access } from '../access/access';
import { isByCookieAlone } from '../access/credential';
import { type Grant, isRefusal } from '../access/grant';
import { isOwnOrigin } from '../access/host-name';
import { SluiceError } from '../protocol/error-code';

/** Who may ask the API for what. */
@Injectable()
export class ApiAccess {
  readonly #access: Access;

  constructor(access: Access) {
    this.#access = access;
  }

  /** Whether watching needs a grant. */
  get private(): boolean {
    return this.#access.private;
  }

  /**
   * Leave to administer the relay; for a request that changes something, only if no page of another site can have sent it.
   * @throws SluiceError of `Access`, or `wrong-origin`.
   */
  async admin(request: IncomingMessage): Promise<Grant> {
    if (request.method !== 'GET' && request.method !== 'HEAD') checkForgery(request);
    return this.#access.authorize(request, 'admin', '');
  }

  /** Leave to watch. @throws SluiceError of `Access`. */
  watch(request: IncomingMessage, name: string): Promise<Grant> {
    return this.#access.authorize(request, 'watch', name);
  }

  /** Which of these streams a request may watch. @throws SluiceError of `Access`. */
  watchable(request: IncomingMessage, names: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#access.watchable(request, names);
  }

  /** Whether a request may do something; what can't be decided is thrown on. */
  async may(ask: () => Promise<Grant>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (thrown) {
      if (isRefusal(thrown)) return false;
      throw thrown;
    }
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
