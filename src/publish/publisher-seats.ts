import { Inject, Injectable } from '@nestjs/common';
import { Tally } from '../base/tally';
import { CONFIG } from '../base/tokens';
import { SluiceError } from '../protocol/error-code';

/** When somebody who may publish nothing more may look again, seconds. */
const RETRY_AFTER = 10;

/** Who publishes what: counted for each key, the subject of each token, or, where nobody needs one, each address. */
@Injectable()
export class PublisherSeats {
  readonly #limit: number;
  /** By whom a grant is for: how many connections publish each name. During a takeover there are two. */
  readonly #names = new Map<string, Tally>();

  constructor(@Inject(CONFIG) { maxPublishersPerKey }: { maxPublishersPerKey: number }) {
    this.#limit = maxPublishersPerKey;
  }

  /**
   * Says, before anything is created for a publisher, whether `who` may publish another stream.
   * @throws SluiceError `too-many`.
   */
  check(who: string, name: string): void {
    const names = this.#names.get(who);
    if (names === undefined || names.kinds < this.#limit || names.of(name) > 0) return;
    throw new SluiceError('too-many', `Cannot publish another stream with this key: there are ${this.#limit} (--max-publishers-per-key)`, { retryAfter: RETRY_AFTER });
  }

  /**
   * Counts a publisher, until the returned function is called, which may be called twice.
   * @throws SluiceError as `check` does.
   */
  take(who: string, name: string): () => void {
    this.check(who, name);
    const names = this.#names.get(who) ?? new Tally();
    this.#names.set(who, names);
    const leave = names.add(name);
    return () => {
      leave();
      if (names.total === 0 && this.#names.get(who) === names) this.#names.delete(who);
    };
  }
}
