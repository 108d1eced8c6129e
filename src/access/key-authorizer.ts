import { timingSafeEqual } from 'node:crypto';
import { SluiceError } from '../protocol/error-code';
import { type AccessKey, hashKey } from './access-key';
import type { AccessAsk, Authorizer, Grant, WatchableAsk } from './grant';
import { checkPermissions, watchableOf } from './permissions';

/** Goes by keys that the operator made: `sluice token key`. */
export class KeyAuthorizer implements Authorizer {
  readonly #keys: readonly { readonly key: AccessKey; readonly hash: Buffer }[];
  readonly #wall: () => number;

  /** `wall` is Unix time, ms. */
  constructor(keys: readonly AccessKey[], wall: () => number) {
    this.#keys = keys.map((key) => ({ key, hash: Buffer.from(key.hash, 'hex') }));
    this.#wall = wall;
  }

  async authorize(ask: AccessAsk): Promise<Grant> {
    const { key, expiresAt } = this.#find(ask.credential);
    checkPermissions(key, ask);
    return Promise.resolve({ who: key.id, expiresAt });
  }

  async watchable({ credential, names }: WatchableAsk): Promise<ReadonlySet<string>> {
    return Promise.resolve(watchableOf(this.#find(credential).key, names));
  }

  /** All keys are compared, in constant time each: how long it takes tells nothing. */
  #find(credential: string | undefined): { readonly key: AccessKey; readonly expiresAt: number | undefined } {
    if (credential === undefined) throw new SluiceError('not-authenticated', 'Cannot let you in without a key');
    const hash = Buffer.from(hashKey(credential), 'hex');
    const [found] = this.#keys.filter((known) => timingSafeEqual(known.hash, hash));
    if (found === undefined) throw new SluiceError('not-authenticated', 'Cannot go by this key: it is none of the relay’s');
    const { key } = found;
    const expiresAt = key.expires === undefined ? undefined : Date.parse(key.expires);
    if (expiresAt !== undefined && expiresAt <= this.#wall()) throw new SluiceError('not-authenticated', 'Cannot go by this key: it has expired');
    return { key, expiresAt };
  }
}
