import { HttpException } from '@nestjs/common';
import { reportFault } from '../base/faults';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { type AccessAsk, type Authorizer, type Grant, watchableByName, type WatchableAsk } from './grant';

/** How long a host may take to decide, ms. */
const TIME_LIMIT = 10_000;

/** What a host has decided: leave, and on what terms; or why not. */
export type AccessDecision =
  | {
      readonly allow: true;
      /** Whom it was given to, for the log and `--max-publishers-per-key`: never a secret. By default the address. */
      readonly who?: string | undefined;
      /** When it ends, Unix ms; then whoever publishes or watches is disconnected. */
      readonly expiresAt?: number | undefined;
    }
  | {
      readonly allow: false;
      /** Whether the host knows who asks: 403 then, else 401. By default it does. */
      readonly authenticated?: boolean | undefined;
    };

/**
 * Decides in a host application who may publish, watch and administer. None of the host's guards and middleware have run for
 * `ask.request`, which may ask for a WebSocket: what it shows is in its headers, cookies among them, and in `ask.credential`.
 */
export interface SluiceAuthorizer {
  /**
   * Gives leave by `true` or an `AccessDecision`, and refuses by `false`. It may also throw: a `SluiceError`, or Nest's
   * `UnauthorizedException` or `ForbiddenException`. Anything else that it throws, and no answer within 10 s, is the error `access-unavailable`.
   */
  decide(ask: AccessAsk): Promise<AccessDecision | boolean> | AccessDecision | boolean;
  /** Which of these streams may be watched. Without it, `decide` is asked about each. */
  watchable?(ask: WatchableAsk): Promise<Iterable<string>> | Iterable<string>;
}

/** Asks the authorizer of a host application, in bounded time. */
export class HostAuthorizer implements Authorizer {
  readonly #host: () => SluiceAuthorizer;
  readonly #clock: Clock;

  /** `host` is called for each question: the host may not have made its authorizer yet. */
  constructor({ host, clock }: { host: () => SluiceAuthorizer; clock: Clock }) {
    this.#host = host;
    this.#clock = clock;
  }

  async authorize(ask: AccessAsk): Promise<Grant> {
    const answer = await this.#decide(() => this.#host().decide(ask), ask);
    const decision: AccessDecision = typeof answer === 'boolean' ? { allow: answer } : answer;
    if (!decision.allow) throw refusal(ask, decision.authenticated === false ? 'not-authenticated' : 'not-allowed');
    const { who = ask.address, expiresAt } = decision;
    if (expiresAt === undefined) return { who };
    if (expiresAt > this.#clock.wall()) return { who, expiresAt };
    throw new SluiceError('not-authenticated', 'Cannot let you in: the grant has expired');
  }

  async watchable(ask: WatchableAsk): Promise<ReadonlySet<string>> {
    const host = this.#host();
    if (host.watchable === undefined) return watchableByName(this, ask);
    const names = new Set(await this.#decide(() => host.watchable?.(ask) ?? [], { action: 'watch', name: '' }));
    return new Set(ask.names.filter((name) => names.has(name)));
  }

  async #decide<Answer>(run: () => Promise<Answer> | Answer, ask: Pick<AccessAsk, 'action' | 'name'>): Promise<Answer> {
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#clock.after(TIME_LIMIT, () => reject(unavailable(new Error('It took longer than 10 s'))));
    });
    try {
      return await Promise.race([Promise.resolve().then(run), late]);
    } catch (thrown) {
      throw translate(thrown, ask);
    } finally {
      cancel();
    }
  }
}

/** What the host has thrown, as an error of the relay's. */
function translate(thrown: unknown, ask: Pick<AccessAsk, 'action' | 'name'>): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  const status = thrown instanceof HttpException ? thrown.getStatus() : 500;
  if (status === 401) return refusal(ask, 'not-authenticated');
  if (status === 403) return refusal(ask, 'not-allowed');
  reportFault(thrown, 'the authorizer of the host');
  return unavailable(thrown);
}

function refusal({ action, name }: Pick<AccessAsk, 'action' | 'name'>, code: 'not-authenticated' | 'not-allowed'): SluiceError {
  return new SluiceError(code, `Cannot let you ${action === 'admin' ? 'administer this relay' : `${action} "${name}"`}`);
}

function unavailable(cause: unknown): SluiceError {
  return new SluiceError('access-unavailable', 'Cannot decide who may do this: the authorizer of this application failed', { cause, retryAfter: 5 });
}
