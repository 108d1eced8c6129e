import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { Allowance } from '../core/allowance';

/** How fast one publisher may send; Infinity where there is no limit. */
export interface MediaRates {
  /** Bits a second. */
  readonly maxBitrate: number;
  /** Chunks a second. */
  readonly maxChunkRate: number;
}

/** How much may come at once, seconds' worth: a keyframe, and what a link that hung for a moment lets go. */
const BURST = 4;
/** Who is held back so much longer than it isn't, ms, doesn't just send a little too much for a while. */
const PATIENCE = 30_000;

interface PublisherPaceOptions extends MediaRates {
  readonly clock: Clock;
  /** Nothing more is to be read from the publisher, or it goes on. */
  readonly hold: (held: boolean) => void;
  /** It is held back for too long. */
  readonly failed: (error: SluiceError) => void;
}

/**
 * Keeps one publisher within its rates: whoever sends faster isn't read for a while, and slows down as its own connection
 * does. Nothing is thrown away. Who still has to be held back after half a minute, which makes a live stream late, is ended.
 */
export class PublisherPace {
  readonly #options: PublisherPaceOptions;
  readonly #bytes: Allowance;
  readonly #chunks: Allowance;
  /** How long it was held back, less how long it wasn't, ms: from 0 to `PATIENCE`. */
  #delay = 0;
  /** Since when it is held, or isn't, monotonic ms. */
  #since: number;
  #goOn: (() => void) | undefined;
  #over = false;

  constructor(options: PublisherPaceOptions) {
    const { maxBitrate, maxChunkRate, clock } = options;
    this.#options = options;
    this.#since = clock.now();
    this.#bytes = allowance(maxBitrate / 8, clock);
    this.#chunks = allowance(maxChunkRate, clock);
  }

  /** Whether it isn't read just now. */
  get held(): boolean {
    return this.#goOn !== undefined;
  }

  /** Counts what has come. */
  count(bytes: number, chunks: number): void {
    if (this.#over) return;
    this.#bytes.spend(bytes);
    this.#chunks.spend(chunks);
    const wait = Math.max(this.#bytes.wait, this.#chunks.wait);
    if (wait > 0) this.#hold(wait);
  }

  /** The publisher is gone. */
  close(): void {
    this.#over = true;
    this.#goOn?.();
    this.#goOn = undefined;
  }

  #hold(wait: number): void {
    const { clock, hold } = this.#options;
    const { held } = this;
    this.#pass();
    const left = PATIENCE - this.#delay;
    this.#goOn?.();
    this.#goOn = clock.after(Math.min(wait, left), () => {
      this.#pass();
      this.#goOn = undefined;
      if (wait >= left) this.#end();
      else hold(false);
    });
    if (!held) hold(true);
  }

  /** Counts the time since it was looked at last. */
  #pass(): void {
    const now = this.#options.clock.now();
    const passed = now - this.#since;
    this.#delay = Math.max(0, this.#delay + (this.held ? passed : -passed));
    this.#since = now;
  }

  #end(): void {
    this.#over = true;
    const { maxBitrate, maxChunkRate, failed } = this.#options;
    const rates = [
      ...(Number.isFinite(maxBitrate) ? [`${maxBitrate / 1_000_000} Mbit a second (--max-bitrate)`] : []),
      ...(Number.isFinite(maxChunkRate) ? [`${maxChunkRate} chunks a second (--max-chunk-rate)`] : []),
    ];
    failed(new SluiceError('too-fast', `Cannot take more than ${rates.join(' and ')}: this came faster for ${PATIENCE / 1000} s`));
  }
}

function allowance(perSecond: number, clock: Clock): Allowance {
  return new Allowance({ burst: perSecond * BURST, perSecond }, clock);
}
