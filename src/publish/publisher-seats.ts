import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../core/tokens';
import { SluiceError } from '../protocol/error-code';

/** When somebody who may publish nothing more may look again, seconds. */
const RETRY_AFTER = 10;

/** Who publishes what: counted for each key, the subject of each token, or, where nobody needs one, each address. */
@Injectable()
export class PublisherSeats {
  readonly #limit: number;
  /** By whom a grant is for: how many connections publish each name. During a takeover there are two. */
  readonly #names = new Map<string, Map<string, number>>();

  constructor(@Inject(CONFIG) { maxPublishersPerKey }: { maxPublishersPerKey: number }) {
    this.#limit = maxPublishersPerKey;
  }

  /**
   * Says, before anything is created for a publisher, whether `who` may publish another stream.
   * @throws SluiceError `too-many`.
   */
  check(who: string, name: string): void {
    const names = this.#names.get(who);
    if (names === undefined || names.size < this.#limit || names.has(name)) return;
    throw new SluiceError('too-many', `Cannot publish another stream with this key: there are ${this.#limit} (--max-publishers-per-key)`, { retryAfter: RETRY_AFTER });
  }

  /**
   * Counts a publisher, until the returned function is called, which may be called twice.
   * @throws SluiceError as `check` does.
   */
  take(who: string, name: string): () => void {
    this.check(who, name);
    const names = this.#names.get(who) ?? new Map<string, number>();
    this.#names.set(who, names);
    names.set(name, (names.get(name) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const others = (names.get(name) ?? 0) - 1;
      if (others > 0) names.set(name, others);
      else names.delete(name);
      if (names.size === 0) this.#names.delete(who);
    };
  }
}
