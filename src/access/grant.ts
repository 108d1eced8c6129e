import type { IncomingMessage } from 'node:http';
import { entryOf, SluiceError } from '../protocol/error-code';

/** How many streams are asked about at a time, where each is a question of its own. */
const ASKED_TOGETHER = 8;

/** What somebody may want of the relay. */
export type AccessAction = 'publish' | 'watch' | 'admin';

/** A question of access. */
export interface AccessAsk {
  readonly action: AccessAction;
  /** Name of the stream, checked; empty for `admin`. */
  readonly name: string;
  /** The key or token that was brought. */
  readonly credential: string | undefined;
  /** The address of whoever asks. */
  readonly address: string;
  /** The request itself. */
  readonly request: IncomingMessage;
}

/** A question about many streams. */
export interface WatchableAsk extends Pick<AccessAsk, 'credential' | 'address' | 'request'> {
  /** Names of streams, checked. */
  readonly names: readonly string[];
}

/** Leave to do what was asked. */
export interface Grant {
  /** Whom it was given to, for the log: never a secret. */
  readonly who: string;
  /** When it ends, Unix ms. */
  readonly expiresAt?: number | undefined;
}

/** Decides who may do what. Each way to decide passes the suite in test/support/authorizer-contract.ts. */
export interface Authorizer {
  /**
   * Gives leave, or refuses.
   * @throws SluiceError `not-authenticated` without a valid credential, `not-allowed` with one that doesn't reach so far,
   * `access-unavailable` if it can't be decided.
   */
  authorize(ask: AccessAsk): Promise<Grant>;
  /**
   * Which of these streams may be watched, in one decision however many there are.
   * @throws SluiceError as `authorize` does, but `not-allowed`.
   */
  watchable(ask: WatchableAsk): Promise<ReadonlySet<string>>;
}

/** Whether what was thrown is a decision against whoever asked, and not that it couldn't be decided, or not now. */
export function isRefusal(thrown: unknown): boolean {
  return thrown instanceof SluiceError && entryOf(thrown).status < 500 && thrown.code !== 'too-many';
}

/** `Authorizer.watchable` by one question for each stream. */
export async function watchableByName(authorizer: Pick<Authorizer, 'authorize'>, { names, ...who }: WatchableAsk): Promise<ReadonlySet<string>> {
  const visible = new Set<string>();
  const ask = async (name: string): Promise<void> => {
    try {
      await authorizer.authorize({ action: 'watch', name, ...who });
      visible.add(name);
    } catch (thrown) {
      if (!isRefusal(thrown)) throw thrown;
    }
  };
  for (let from = 0; from < names.length; from += ASKED_TOGETHER) await Promise.all(names.slice(from, from + ASKED_TOGETHER).map(ask));
  return visible;
}
