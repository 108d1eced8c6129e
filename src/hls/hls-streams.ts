import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, CONFIG } from '../base/tokens';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import { DEFAULT_RELAY_LIMITS } from '../relay/relay-limits';
import { checkName, StreamRegistry } from '../relay/stream-registry';
import { HlsStream } from './hls-stream';
import { type PackagerLimits, TARGET_DURATION } from './packager';
import { SequenceNumbers } from './sequence-numbers';

/** A stream that nobody has asked for this long as HLS is no longer packaged, ms. */
const IDLE = 30_000;
const LOOK_INTERVAL = 1_000;

/** The streams that are packaged as HLS: those that somebody asks for. */
@Injectable()
export class HlsStreams implements OnApplicationShutdown {
  readonly #registry: StreamRegistry;
  readonly #clock: Clock;
  readonly #limits: PackagerLimits;
  readonly #always: boolean;
  readonly #maxStreams: number;
  readonly #numbers: SequenceNumbers;
  readonly #streams = new Map<string, HlsStream>();
  #stopLooking: (() => void) | undefined;

  constructor(registry: StreamRegistry, @Inject(CLOCK) clock: Clock, @Inject(CONFIG) { hlsWindow, hlsAlways, maxStreams }: { hlsWindow: number; hlsAlways: boolean; maxStreams: number }) {
    this.#registry = registry;
    this.#clock = clock;
    // What a playlist has listed stays for as long again, RFC 8216bis §6.2.2.
    this.#limits = { listed: hlsWindow, held: 2 * hlsWindow + TARGET_DURATION, maxBytes: DEFAULT_RELAY_LIMITS.windowBytes };
    this.#always = hlsAlways;
    this.#maxStreams = maxStreams;
    this.#numbers = new SequenceNumbers(clock);
    if (hlsAlways) this.#startLooking();
  }

  /**
   * The stream of that name, which is packaged from now on; one that has ended for a while yet.
   * @throws SluiceError `bad-name`, `no-stream`, `wrong-container` if its codec can't be in fragmented MP4.
   */
  open(name: string): HlsStream {
    checkName(name);
    const known = this.#streams.get(name);
    const stream = this.#registry.get(name);
    const goesOn = stream?.epoch !== undefined;
    if (known !== undefined && !(known.hasEnded && goesOn)) return known;
    if (stream === undefined || !goesOn) throw new SluiceError('no-stream', `Cannot find the stream "${name}": nobody publishes it`);
    const opened = new HlsStream({ stream, clock: this.#clock, limits: this.#limits, numbers: this.#numbers });
    known?.close();
    this.#streams.delete(name);
    this.#streams.set(name, opened);
    this.#dropEnded();
    this.#startLooking();
    return opened;
  }

  /** The stream of that name, if it is packaged. */
  get(name: string): HlsStream | undefined {
    return this.#streams.get(name);
  }

  onApplicationShutdown(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
    this.#stopLooking?.();
  }

  /** Streams that have ended give way, the oldest first, so that there are never more than may be published. */
  #dropEnded(): void {
    for (const [name, stream] of this.#streams) {
      if (this.#streams.size <= this.#maxStreams) return;
      if (!stream.hasEnded) continue;
      this.#streams.delete(name);
      stream.close();
    }
  }

  #startLooking(): void {
    this.#stopLooking ??= this.#clock.every(LOOK_INTERVAL, () => this.#look());
  }

  #look(): void {
    if (this.#always) for (const { name } of this.#registry.list()) this.open(name);
    for (const [name, stream] of this.#streams) {
      if (stream.idleTime < IDLE || (this.#always && !stream.hasEnded)) continue;
      this.#streams.delete(name);
      stream.close();
    }
    if (this.#streams.size > 0 || this.#always) return;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }
}
