import { reportFault } from '../core/faults';
import type { InitSegment } from '../media/chunk';
import type { MediaLimits } from '../media/container-parser';
import { MediaParser } from '../media/media-parser';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { PublisherOrigin, StreamFeed } from '../relay/stream-feed';
import type { StreamRegistry } from '../relay/stream-registry';
import { type MediaRates, PublisherPace } from './publisher-pace';

/** How long the first chunk may take, ms, however steadily bytes come: enough for the largest at 2.3 Mbit/s. */
const FIRST_CHUNK_TIME = 60_000;

/** What a door hears of its publisher. */
export interface PublisherDoor {
  /** The init segment is understood: the stream is live. Again with each new epoch. */
  live(init: InitSegment): void;
  /** A viewer waits for a keyframe. */
  keyframe(): void;
  /** The publisher was refused, or replaced: tell it, then close. Nothing more is taken. */
  failed(error: SluiceError): void;
  /** It sends faster than it may: nothing is read from it while it is held. */
  hold?(held: boolean): void;
}

export interface PublisherOptions {
  readonly name: string;
  /** See `PublisherLink.session`. */
  readonly session?: string;
  readonly origin: PublisherOrigin;
  /** How long nothing may come, ms: `beforeLive` until the first chunk, which must come within a minute if that is longer; `live` behind it. */
  readonly patience: { readonly beforeLive: number; readonly live: number };
  readonly registry: StreamRegistry;
  readonly limits: MediaLimits;
  /** How fast it may send; without, as fast as it likes. */
  readonly rates?: MediaRates;
  readonly clock: Clock;
  readonly door: PublisherDoor;
}

/** Whoever sends media to one stream, by whatever door: bytes in, chunks on to the relay. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #feed: StreamFeed;
  readonly #parser: MediaParser;
  readonly #pace: PublisherPace | undefined;
  #state: 'new' | 'live' | 'closed' = 'new';
  #bytes = 0;
  #cancelIdle: () => void = () => undefined;
  #lastAt: number;
  /** When the first chunk has to be there. */
  readonly #firstDue: number;

  /** @throws SluiceError `bad-name`, `name-in-use`. */
  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#feed = options.registry.publish(options.name, {
      ...(options.session !== undefined && { session: options.session }),
      origin: options.origin,
      replaced: () => this.#fail(new SluiceError('replaced', `"${options.name}" is published by a newer connection of the same session`)),
      refused: (error) => this.#fail(error),
      keyframe: () => options.door.keyframe(),
    });
    this.#parser = new MediaParser(
      {
        init: (segment) => {
          this.#feed.init(segment);
          options.door.live(segment);
        },
        chunk: (chunk) => {
          if (this.#state === 'new') this.#goLive();
          this.#pace?.count(0, 1);
          this.#feed.chunk(chunk);
        },
      },
      options.limits,
    );
    this.#pace = options.rates && new PublisherPace({ ...options.rates, clock: options.clock, hold: (held) => this.#hold(held), failed: (error) => this.#fail(error) });
    this.#lastAt = options.clock.now();
    this.#firstDue = this.#lastAt + Math.max(FIRST_CHUNK_TIME, options.patience.beforeLive);
    this.#watchIdle(options.patience.beforeLive);
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many watch. */
  get viewers(): number {
    return this.#feed.viewers;
  }

  /** Seconds from capture to picture, as viewers report them. */
  get latency(): number | undefined {
    return this.#feed.latency;
  }

  /** Takes the next bytes, cut anywhere. What is wrong with them is told by `PublisherDoor.failed`. */
  push(bytes: Uint8Array): void {
    if (this.#state === 'closed') return;
    this.#bytes += bytes.length;
    if (bytes.length > 0) this.#lastAt = this.#options.clock.now();
    this.#parse(() => this.#parser.push(bytes));
    this.#pace?.count(bytes.length, 0);
  }

  /** Takes a pair of media time in seconds and the relay's Unix time in ms at which it was captured. */
  clock(media: number, wall: number): void {
    if (this.#state !== 'closed') this.#feed.clock(media, wall);
  }

  /** The publisher has finished cleanly: the stream ends, or the error of an unfinished body is told. */
  end(): void {
    if (this.#state === 'closed') return;
    this.#parse(() => this.#parser.finish());
    if (!this.#close()) return;
    this.#feed.end();
  }

  /** The publisher broke off: its viewers are held for it. May be called twice, and after `end`. */
  lost(): void {
    if (this.#close()) this.#feed.lost();
  }

  /** It may go on no longer, as `error` says, which the door is told. */
  fail(error: SluiceError): void {
    this.#fail(error);
  }

  #parse(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof SluiceError)) reportFault(error, 'the media of a publisher', { name: this.#options.name });
      this.#fail(error instanceof SluiceError ? error : new SluiceError('internal', 'Cannot take this media', { cause: error }));
    }
  }

  #fail(error: SluiceError): void {
    if (!this.#close()) return;
    const { registry, name, origin } = this.#options;
    registry.refused({ name, address: origin.address ?? origin.transport, error });
    this.#feed.lost();
    this.#options.door.failed(error);
  }

  #close(): boolean {
    if (this.#state === 'closed') return false;
    this.#state = 'closed';
    this.#cancelIdle();
    if (this.#pace?.held === true) this.#options.door.hold?.(false);
    this.#pace?.close();
    return true;
  }

  /** While it is held it can't send. */
  #hold(held: boolean): void {
    if (!held) this.#lastAt = this.#options.clock.now();
    this.#options.door.hold?.(held);
  }

  #goLive(): void {
    this.#state = 'live';
    this.#watchIdle(this.#options.patience.live);
  }

  #watchIdle(wait: number): void {
    this.#cancelIdle();
    if (!Number.isFinite(wait)) return;
    this.#cancelIdle = this.#options.clock.after(wait, () => this.#checkIdle());
  }

  #checkIdle(): void {
    const { clock, patience, name } = this.#options;
    const limit = this.#state === 'live' ? patience.live : patience.beforeLive;
    const now = clock.now();
    if (this.#pace?.held === true) this.#lastAt = now;
    const due = this.#lastAt + limit;
    if (now >= due) this.#fail(new SluiceError('publisher-idle', `Nothing came for "${name}" for ${Math.round(limit / 1000)} s`));
    else if (this.#state === 'live') this.#watchIdle(due - now);
    else if (now < this.#firstDue) this.#watchIdle(Math.min(due, this.#firstDue) - now);
    else this.#fail(new SluiceError('publisher-idle', `No chunk of "${name}" has come whole for too long`));
  }
}
