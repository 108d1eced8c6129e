import { performance } from 'node:perf_hooks';
import { Allowance } from '../base/allowance';
import { NewestMap } from '../base/newest-map';
import { Tally } from '../base/tally';
import { addressGroup } from '../http/address';
import { SluiceError } from '../protocol/error-code';

/** How many questions are under way, in all and for one address; each is a connection to the service. */
const UNDER_WAY = 64;
const UNDER_WAY_FOR_ADDRESS = 16;
/** How many more wait for that, and for how long, ms. */
const WAITING = 1_000;
const WAITING_FOR_ADDRESS = 250;
const PATIENCE = 3_000;
/** How many may be asked at once, seconds' worth. */
const BURST = 5;
/** How many times the rate of one address all addresses have together. */
const ALL = 10;
/** How many addresses are counted; of more, those that came first are forgotten. */
const MAX_COUNTED = 10_000;
/** When whoever isn't answered may ask again, seconds. */
const RETRY_AFTER = 1;

interface Waiting {
  readonly address: string;
  /** When it has waited for too long, monotonic ms. */
  readonly until: number;
  begin(): void;
  giveUp(): void;
}

/** Bounds what a service is asked: how often, and how many questions at a time, for each address and in all. */
export class QuestionLimit {
  readonly #rate: number;
  readonly #now: () => number;
  readonly #all: Allowance;
  readonly #byAddress = new NewestMap<Allowance>(MAX_COUNTED);
  readonly #underWay = new Tally();
  readonly #waitingByAddress = new Tally();
  readonly #waiting = new Set<Waiting>();

  /** @param options `rate`: questions a second for one address, or Infinity; `now`: monotonic time, ms. */
  constructor({ rate, now = () => performance.now() }: { rate: number; now?: () => number }) {
    this.#rate = rate;
    this.#now = now;
    this.#all = this.#allowance(ALL);
  }

  /**
   * Asks on behalf of an address, as soon as that may be.
   * @throws SluiceError `too-many` of its address, `access-unavailable` if others have asked so much; both before asking.
   */
  async ask<Answer>(address: string, question: () => Promise<Answer>): Promise<Answer> {
    const group = addressGroup(address);
    this.#count(group);
    const end = await this.#begin(group);
    try {
      return await question();
    } finally {
      end();
      this.#goOn();
    }
  }

  #count(address: string): void {
    const own = this.#byAddress.get(address) ?? this.#allowance(1);
    this.#byAddress.set(address, own);
    if (!own.afford(1)) throw tooMany(`${this.#rate} times a second (--access-webhook-rate)`);
    if (!this.#all.afford(1)) throw busy();
  }

  #allowance(times: number): Allowance {
    return new Allowance({ burst: BURST * times * this.#rate, perSecond: times * this.#rate }, { now: this.#now });
  }

  /** Resolves when it may be asked, with what says that it has been. */
  #begin(address: string): Promise<() => void> | (() => void) {
    if (this.#mayBegin(address)) return this.#underWay.add(address);
    if (this.#waitingByAddress.of(address) >= WAITING_FOR_ADDRESS) throw tooMany(`${UNDER_WAY_FOR_ADDRESS} times at once, with ${WAITING_FOR_ADDRESS} more waiting`);
    if (this.#waiting.size >= WAITING) throw busy();
    return new Promise((resolve, reject) => {
      const forget = this.#waitingByAddress.add(address);
      this.#waiting.add({
        address,
        until: this.#now() + PATIENCE,
        begin: () => {
          forget();
          resolve(this.#underWay.add(address));
        },
        giveUp: () => {
          forget();
          reject(busy());
        },
      });
    });
  }

  /** Lets those begin that have waited longest, of addresses that may. */
  #goOn(): void {
    const now = this.#now();
    for (const waiting of this.#waiting) {
      const isOver = waiting.until <= now;
      if (!isOver && this.#underWay.total >= UNDER_WAY) return;
      if (!isOver && !this.#mayBegin(waiting.address)) continue;
      this.#waiting.delete(waiting);
      if (isOver) waiting.giveUp();
      else waiting.begin();
    }
  }

  #mayBegin(address: string): boolean {
    return this.#underWay.total < UNDER_WAY && this.#underWay.of(address) < UNDER_WAY_FOR_ADDRESS;
  }
}

function tooMany(allowed: string): SluiceError {
  return new SluiceError('too-many', `Cannot ask who may do this so often: an address may cause that ${allowed}`, { retryAfter: RETRY_AFTER });
}

function busy(): SluiceError {
  return new SluiceError('access-unavailable', 'Cannot ask who may do this: the service that decides is asked too much already', { retryAfter: RETRY_AFTER });
}
