import { Inject, Injectable } from '@nestjs/common';
import { Tally } from '../base/tally';
import { CONFIG } from '../base/tokens';
import { addressGroup } from '../http/address';
import { SluiceError } from '../protocol/error-code';

/** How many may watch at a time; Infinity where there is no limit. */
export interface ViewerLimits {
  readonly maxViewers: number;
  readonly maxViewersPerStream: number;
  readonly maxViewersPerAddress: number;
}

/** Who wants to watch. */
export interface Visit {
  /** Name of the stream. */
  readonly name: string;
  /** As `addressOf` gives it. */
  readonly address: string;
}

/** When somebody who found no seat may look again, seconds. */
const RETRY_AFTER = 10;

/** The seats of all viewers, by whatever door they come: counted in all, for each stream, and for each address. */
@Injectable()
export class ViewerSeats {
  readonly #limits: ViewerLimits;
  readonly #byStream = new Tally();
  readonly #byAddress = new Tally();

  constructor(@Inject(CONFIG) limits: ViewerLimits) {
    this.#limits = limits;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#byStream.total;
  }

  /**
   * Says, before anything is created for a viewer, whether there is a seat.
   * @throws SluiceError `too-many` of its address, `full`.
   */
  check({ name, address }: Visit): void {
    const { maxViewers, maxViewersPerStream, maxViewersPerAddress } = this.#limits;
    if (this.#byAddress.of(addressGroup(address)) >= maxViewersPerAddress) {
      throw refusal('too-many', `Cannot take another viewer from this address: there are ${maxViewersPerAddress} (--max-viewers-per-address)`);
    }
    if (this.#byStream.total >= maxViewers) throw refusal('full', `Cannot take another viewer: there are ${maxViewers} (--max-viewers)`);
    if (this.#byStream.of(name) >= maxViewersPerStream) {
      throw refusal('full', `Cannot take another viewer of "${name}": there are ${maxViewersPerStream} (--max-viewers-per-stream)`);
    }
  }

  /**
   * Takes a seat, until the returned function is called, which may be called twice.
   * @throws SluiceError as `check` does.
   */
  take(visit: Visit): () => void {
    this.check(visit);
    const leaveStream = this.#byStream.add(visit.name);
    const leaveAddress = this.#byAddress.add(addressGroup(visit.address));
    return () => {
      leaveStream();
      leaveAddress();
    };
  }
}

function refusal(code: 'too-many' | 'full', message: string): SluiceError {
  return new SluiceError(code, message, { retryAfter: RETRY_AFTER });
}
