import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { Grant } from './grant';

/** No timer of Node's runs longer, ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** A grant while it is made use of: it ends the use when it ends itself, unless it is renewed. */
export class LiveGrant {
  readonly #clock: Clock;
  readonly #ended: (error: SluiceError) => void;
  #grant: Grant;
  #stop: (() => void) | undefined;
  #over = false;

  /** `ended` is called once, when the grant has ended. */
  constructor({ grant, clock, ended }: { grant: Grant; clock: Clock; ended: (error: SluiceError) => void }) {
    this.#clock = clock;
    this.#ended = ended;
    this.#grant = grant;
    this.#wait();
  }

  /** Goes on by another grant. */
  renew(grant: Grant): void {
    this.#grant = grant;
    this.#wait();
  }

  /** It isn't made use of any more. */
  release(): void {
    this.#over = true;
    this.#stop?.();
  }

  #wait(): void {
    this.#stop?.();
    this.#stop = undefined;
    const { expiresAt } = this.#grant;
    if (expiresAt === undefined || this.#over) return;
    const left = expiresAt - this.#clock.wall();
    this.#stop = this.#clock.after(Math.min(Math.max(0, left), LONGEST_TIMER), () => {
      if (left > LONGEST_TIMER) this.#wait();
      else this.#end();
    });
  }

  #end(): void {
    this.release();
    this.#ended(grantExpired());
  }
}

/** What to answer where a grant has ended. */
export function grantExpired(): SluiceError {
  return new SluiceError('grant-expired', 'Cannot go on: the grant has expired');
}
