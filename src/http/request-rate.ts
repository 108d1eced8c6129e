import type { IncomingMessage, ServerResponse } from 'node:http';
import { Allowance } from '../base/allowance';
import type { Log } from '../base/log';
import { NewestMap } from '../base/newest-map';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { addressGroup, addressOf } from './address';
import { codedError, refuse } from './refuse';
import { logVisitor } from './request-log';

/** How much may come at once, seconds' worth: a class opens the same page when the bell rings. */
const BURST = 10;
/** What one session of a viewer over HLS may ask: five times what a player of low latency does. */
const SESSION = { burst: 250, perSecond: 50 };
/** How much of a request without a session one with a session counts for its address: a playlist or a part costs little, and 200 viewers behind one address ask for 2,000 a second. */
const SESSION_COST = 1 / 20;
/** How many addresses and sessions are counted; of more, those that came first are forgotten. */
const MAX_COUNTED = 20_000;

export interface RequestRateOptions {
  /** How many requests a second one address may send, IPv6 by its /64 network; Infinity for any number. */
  readonly requestRate: number;
  /** The session of a viewer over HLS that a request is part of, if this relay has made it. */
  readonly sessionOf: (request: IncomingMessage) => string | undefined;
  readonly clock: Clock;
}

/** Lets each address, and each session of a viewer over HLS, send so many requests a second, whatever they ask for. */
export class RequestRate {
  readonly #options: RequestRateOptions;
  readonly #byAddress = new NewestMap<Allowance>(MAX_COUNTED);
  /** Made once: an error costs more than the rest of a refusal. */
  readonly #ofAddress: SluiceError;
  readonly #ofSession = tooMany(`a viewer may ask ${SESSION.perSecond} times a second`);
  readonly #bySession = new NewestMap<Allowance>(MAX_COUNTED);

  constructor(options: RequestRateOptions) {
    this.#options = options;
    this.#ofAddress = tooMany(`an address may ask ${options.requestRate} times a second (--request-rate)`);
  }

  /**
   * Counts a request.
   * @throws SluiceError `too-many`.
   */
  check(request: IncomingMessage): void {
    const { requestRate, sessionOf } = this.#options;
    // A probe that shares an address with a flood must not make an orchestrator restart the relay: its answer costs no more than a refusal.
    if (requestRate === Infinity || request.url?.startsWith('/health/') === true) return;
    const session = sessionOf(request);
    if (session !== undefined && !this.#allowance(this.#bySession, session, SESSION).afford(1)) {
      throw this.#ofSession;
    }
    const address = this.#allowance(this.#byAddress, addressGroup(addressOf(request)), { burst: BURST * requestRate, perSecond: requestRate });
    if (!address.afford(session === undefined ? 1 : SESSION_COST)) throw this.#ofAddress;
  }

  #allowance(counted: NewestMap<Allowance>, key: string, allowed: { burst: number; perSecond: number }): Allowance {
    const known = counted.get(key);
    if (known !== undefined) return known;
    const allowance = new Allowance(allowed, this.#options.clock);
    counted.set(key, allowance);
    return allowance;
  }
}

/** Refuses what comes too often, before anything else is done about it: a flood should cost as little as an answer can. */
export function checkRate(rate: RequestRate, log: Log) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    try {
      rate.check(request);
    } catch (thrown) {
      const error = codedError(thrown);
      logVisitor(log, request, error);
      refuse(response, error);
      return;
    }
    next();
  };
}

function tooMany(allowed: string): SluiceError {
  return new SluiceError('too-many', `Cannot answer so often: ${allowed}`, { retryAfter: 1 });
}
