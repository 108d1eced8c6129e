import { Allowance } from '../base/allowance';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';

/** How fast one publisher may send; Infinity where there is no limit. */
export interface MediaRates {
  /** Bits a second. */
  readonly maxBitrate: number;
  /** Chunks a second. */
  readonly maxChunkRate: number;
}

/** How much may come at once, seconds' worth: a keyframe, and what a link that hung for a moment lets go. */
const BURST = 4;
/**
 * Messages, frames of WebSockets and chunks of HTTP bodies, by which media comes: each costs some microseconds, however small it is.
 * A publisher that sends a message in 10 ms for each of its tracks sends some hundred a second.
 */
const PIECES = { burst: 20_000, perSecond: 5_000 };
/** Who is held back so much longer than it isn't, ms, doesn't just send a little too much for a while. */
const PATIENCE = 30_000;

/** Init segments a second, whatever the rates: each begins a new epoch, and is sent to all viewers. A camera has one. */
export const EPOCHS_PER_SECOND = 5;
/** `Work` a second, whatever the rates: about a tenth of a core. A camera's 80 chunks a second take 4,500. */
export const WORK_PER_SECOND = 1_000_000;

/** What has come of a publisher since it was counted last. */
interface MediaCount {
  readonly bytes?: number;
  readonly chunks?: number;
  readonly epochs?: number;
  /** In the units of `Work`. */
  readonly work?: number;
  /** Messages, frames of WebSockets and chunks of HTTP bodies by which it came. */
  readonly pieces?: number;
}

interface PublisherPaceOptions extends MediaRates {
  readonly clock: Clock;
  /** Whether it can be read more slowly. A source that can't is ended as soon as it is too fast; its work isn't counted. */
  readonly holds: boolean;
  /** Nothing more is to be read from the publisher, or it goes on. */
  readonly hold: (held: boolean) => void;
  /** It is held back for too long. */
  readonly failed: (error: SluiceError) => void;
}

/**
 * Keeps one publisher within its rates: whoever sends faster isn't read for a while, and slows down as its own connection
 * does. Nothing is thrown away. Who still has to be held back after half a minute, which makes a live stream late, is ended; but not
 * for sending it in small pieces.
 */
export class PublisherPace {
  readonly #options: PublisherPaceOptions;
  /** What ends a publisher that goes beyond it for too long. */
  readonly #rates: readonly Rate[];
  readonly #pieces: Allowance;
  readonly #patience: number;
  /** Whether it is held for something that can end it, and not only because it sends small pieces. */
  #tooFast = false;
  /** How long it was held back for that, less how long it wasn't, ms: from 0 to `#patience`. */
  #delay = 0;
  /** Since when it is held, or isn't, monotonic ms. */
  #since: number;
  #goOn: (() => void) | undefined;
  #over = false;

  constructor(options: PublisherPaceOptions) {
    const { maxBitrate, maxChunkRate, clock, holds } = options;
    this.#options = options;
    this.#since = clock.now();
    this.#patience = holds ? PATIENCE : 0;
    this.#rates = [
      { counts: 'bytes', left: allowance(maxBitrate / 8, clock), name: `${maxBitrate / 1_000_000} Mbit a second (--max-bitrate)` },
      { counts: 'chunks', left: allowance(maxChunkRate, clock), name: `${maxChunkRate} chunks a second (--max-chunk-rate)` },
      { counts: 'epochs', left: allowance(EPOCHS_PER_SECOND, clock), name: `${EPOCHS_PER_SECOND} init segments a second` },
      { counts: 'work', left: allowance(holds ? WORK_PER_SECOND : Infinity, clock), name: 'a tenth of a processor for its boxes, elements and samples' },
    ];
    this.#pieces = new Allowance(holds ? PIECES : { burst: Infinity, perSecond: Infinity }, clock);
  }

  /** Whether it isn't read just now. */
  get held(): boolean {
    return this.#goOn !== undefined;
  }

  /** Counts what has come. */
  count(count: MediaCount): void {
    if (this.#over) return;
    let wait = 0;
    for (const { counts, left } of this.#rates) {
      left.spend(count[counts] ?? 0);
      wait = Math.max(wait, left.wait);
    }
    this.#pieces.spend(count.pieces ?? 0);
    if (wait > 0 || this.#pieces.wait > 0) this.#hold(Math.max(wait, this.#pieces.wait), wait > 0);
  }

  /** The publisher is gone. */
  close(): void {
    this.#over = true;
    this.#goOn?.();
    this.#goOn = undefined;
  }

  #hold(wait: number, tooFast: boolean): void {
    const { clock, hold } = this.#options;
    const { held } = this;
    const exceeded = this.#rates.filter((rate) => rate.left.wait > 0).map(({ name }) => name);
    this.#pass();
    this.#tooFast = tooFast;
    const left = tooFast ? this.#patience - this.#delay : Infinity;
    this.#goOn?.();
    this.#goOn = clock.after(Math.min(wait, left), () => {
      this.#pass();
      this.#goOn = undefined;
      if (wait >= left) this.#end(exceeded);
      else hold(false);
    });
    if (!held) hold(true);
  }

  /** Counts the time since it was looked at last. */
  #pass(): void {
    const now = this.#options.clock.now();
    const passed = now - this.#since;
    this.#delay = Math.max(0, this.#delay + (this.held && this.#tooFast ? passed : -passed));
    this.#since = now;
  }

  #end(exceeded: readonly string[]): void {
    this.#over = true;
    const time = this.#patience > 0 ? `: this came faster for ${this.#patience / 1000} s` : '';
    this.#options.failed(new SluiceError('too-fast', `Cannot take more than ${exceeded.join(' and ')}${time}`));
  }
}

/** What may still come of one thing, and how its limit is named. */
interface Rate {
  readonly counts: Exclude<keyof MediaCount, 'pieces'>;
  readonly left: Allowance;
  readonly name: string;
}

function allowance(perSecond: number, clock: Clock): Allowance {
  return new Allowance({ burst: perSecond * BURST, perSecond }, clock);
}
