import { NewestMap } from '../base/newest-map';
import { addressGroup } from '../http/address';
import { entryOf } from '../protocol/error-code';
import type { RefusalInfo } from '../protocol/refusal-info';
import { shownName } from '../protocol/stream-name';
import type { Clock } from '../relay/clock';
import type { Refusal } from '../relay/relay-observer';

/** How many refusals are retained. */
const MAX_REFUSALS = 100;
/** How many of them one address has at most, IPv6 counted by its /64 network: a flood doesn't push out those of others. */
const MAX_OF_ADDRESS = 20;
/** Characters that are retained of a text that may quote what comes from outside. */
const MAX_TEXT = 500;

/** The publishers that were refused last: one entry for each name, address and code, with a count. */
export class RecentRefusals {
  readonly #clock: Clock;
  readonly #refusals = new NewestMap<RefusalInfo>(MAX_REFUSALS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The last refusal first. */
  list(): RefusalInfo[] {
    return [...this.#refusals.values()].reverse();
  }

  /** Adds a refusal, or counts it if there was one like it. */
  note({ name, address, error }: Refusal): void {
    const { code, message } = error;
    // The same publisher goes on by another connection.
    if (code === 'replaced') return;
    const now = this.#clock.wall();
    const shortName = shownName(name);
    const key = JSON.stringify([shortName, address, code]);
    const known = this.#refusals.get(key);
    if (known === undefined) this.#makeRoom(address);
    this.#refusals.set(key, {
      ...{ name: shortName, address, code },
      message: message.slice(0, MAX_TEXT),
      remedy: entryOf(error).remedy.slice(0, MAX_TEXT),
      ...{ count: (known?.count ?? 0) + 1, first: known?.first ?? now, last: now },
    });
  }

  #makeRoom(address: string): void {
    const group = addressGroup(address);
    const [oldest, ...others] = [...this.#refusals].flatMap(([key, refusal]) => (addressGroup(refusal.address) === group ? [key] : []));
    if (oldest !== undefined && others.length + 1 >= MAX_OF_ADDRESS) this.#refusals.delete(oldest);
  }
}
