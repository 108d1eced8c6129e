import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '../core/tokens';
import { SluiceError } from '../protocol/error-code';
import { addressGroup } from '../http/address-group';

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
  readonly #byStream = new Map<string, number>();
  readonly #byAddress = new Map<string, number>();
  #taken = 0;

  constructor(@Inject(CONFIG) limits: ViewerLimits) {
    this.#limits = limits;
  }

  /** How many are taken. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Says, before anything is created for a viewer, whether there is a seat.
   * @throws SluiceError `too-many` of its address, `full`.
   */
  check({ name, address }: Visit): void {
    const { maxViewers, maxViewersPerStream, maxViewersPerAddress } = this.#limits;
    if ((this.#byAddress.get(addressGroup(address)) ?? 0) >= maxViewersPerAddress) {
      throw refusal('too-many', `Cannot take another viewer from this address: there are ${maxViewersPerAddress} (--max-viewers-per-address)`);
    }
    if (this.#taken >= maxViewers) throw refusal('full', `Cannot take another viewer: there are ${maxViewers} (--max-viewers)`);
    if ((this.#byStream.get(name) ?? 0) >= maxViewersPerStream) {
      throw refusal('full', `Cannot take another viewer of "${name}": there are ${maxViewersPerStream} (--max-viewers-per-stream)`);
    }
  }

  /**
   * Takes a seat, until the returned function is called, which may be called twice.
   * @throws SluiceError as `check` does.
   */
  take(visit: Visit): () => void {
    this.check(visit);
    const group = addressGroup(visit.address);
    this.#count(1, visit.name, group);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#count(-1, visit.name, group);
    };
  }

  #count(change: 1 | -1, name: string, group: string): void {
    this.#taken += change;
    add(this.#byStream, name, change);
    add(this.#byAddress, group, change);
  }
}

/** Nothing is kept for a count of zero: names and addresses come and go without end. */
function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

function refusal(code: 'too-many' | 'full', message: string): SluiceError {
  return new SluiceError(code, message, { retryAfter: RETRY_AFTER });
}
