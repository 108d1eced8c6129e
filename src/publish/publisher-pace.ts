import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { Allowance } from '../socket/allowance';

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

interface PublisherPaceOptions extends MediaRates {
  readonly clock: Clock;
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
  readonly #bytes: Allowance;
  readonly #chunks: Allowance;
  readonly #pieces: Allowance;
  /** Whether it is held for its rates, and not only because it sends small pieces. */
  #tooFast = false;
  /** How long it was held back for its rates, less how long it wasn't, ms: from 0 to `PATIENCE`. */
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
    this.#pieces = new Allowance(PIECES, clock);
  }

  /** Whether it isn't read just now. */
  get held(): boolean {
    return this.#goOn !== undefined;
  }

  /** Counts what has come: bytes and chunks of media, and in how many pieces they came. */
  count(bytes: number, chunks: number, pieces = 0): void {
    if (this.#over) return;
    this.#bytes.spend(bytes);
    this.#chunks.spend(chunks);
    this.#pieces.spend(pieces);
    const wait = Math.max(this.#bytes.wait, this.#chunks.wait);
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
    this.#pass();
    this.#tooFast = tooFast;
    const left = tooFast ? PATIENCE - this.#delay : Infinity;
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
    this.#delay = Math.max(0, this.#delay + (this.held && this.#tooFast ? passed : -passed));
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
