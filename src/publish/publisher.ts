import { reportFault } from '../base/faults';
import type { Chunk, InitSegment } from '../media/chunk';
import type { MediaLimits } from '../media/container-parser';
import { Continuity } from '../media/continuity';
import { KeyframeWatch } from '../media/keyframe-watch';
import { MediaParser } from '../media/media-parser';
import { Work, WorkMeter } from '../media/work-meter';
import { SluiceError } from '../protocol/error-code';
import type { Clock } from '../relay/clock';
import type { PublisherOrigin, StreamFeed } from '../relay/stream-feed';
import type { StreamRegistry } from '../relay/stream-registry';
import { type MediaRates, PublisherPace } from './publisher-pace';
import { TrackBridge } from './track-bridge';

/** How long the first chunk may take, ms, however steadily bytes come: enough for the largest at 2.3 Mbit/s. */
const FIRST_CHUNK_TIME = 60_000;
/** `Work` that is done for one publisher at one go: about 10 ms. What a message asks for beyond that waits for the next turn. */
export const WORK_PER_TURN = 100_000;
/** Time between two turns, ms: the others have theirs. */
const BETWEEN_TURNS = 1;

/** What the log says where no keyframe has come for long. */
export const NO_KEYFRAME = 'No keyframe (IDR) has come for long: viewers can\'t join; encode with one every few seconds, and without open GOPs';

/** What a door hears of its publisher. */
export interface PublisherDoor {
  /** The init segment is understood: the stream is live. Again with each new epoch. */
  live(init: InitSegment): void;
  /** Its times have jumped by so many seconds, back if negative: a new epoch begins. */
  jumped?(seconds: number): void;
  /** No keyframe has come for so many seconds of media, so that viewers can't join. Once. */
  keyframeMissing?(seconds: number): void;
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

const NO_RATES: MediaRates = { maxBitrate: Infinity, maxChunkRate: Infinity };

/** Whoever sends media to one stream, by whatever door: bytes in, chunks on to the relay. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #feed: StreamFeed;
  readonly #parser: MediaParser;
  readonly #bridge: TrackBridge;
  readonly #pace: PublisherPace;
  readonly #work: WorkMeter;
  readonly #keyframes = new KeyframeWatch();
  /** What has come and isn't done, in order. Each says whether it is done by now. */
  readonly #pending: (() => boolean)[] = [];
  #cancelTurn: (() => void) | undefined;
  #state: 'new' | 'live' | 'closed' = 'new';
  #bytes = 0;
  #cancelIdle: () => void = () => undefined;
  #doorHeld = false;
  #lastAt: number;
  /** How long the first chunk may take, ms. */
  readonly #firstTime: number;
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
    const { door, clock, limits, rates = NO_RATES } = options;
    const holds = door.hold !== undefined;
    this.#work = new WorkMeter(holds ? WORK_PER_TURN : Infinity);
    this.#bridge = new TrackBridge(
      {
        init: (segment, stopped) => {
          this.#work.spend(Work.init);
          // It is sent to every viewer, also where a jump of a few bytes is why.
          this.#pace.count({ epochs: 1, bytes: segment.bytes.length });
          this.#keyframes.beginEpoch();
          this.#feed.init(segment, stopped);
          door.live(segment);
        },
        chunk: (chunk) => this.#feed.chunk(chunk),
        again: (chunk) => this.#feed.again(chunk),
        stopped: (kinds) => this.#feed.stopped(kinds),
        keyframe: () => door.keyframe(),
      },
      clock,
    );
    this.#parser = new MediaParser(
      new Continuity({
        init: (segment) => this.#bridge.init(segment),
        chunk: (chunk) => {
          if (this.#state === 'new') this.#goLive();
          this.#pace.count({ chunks: 1 });
          this.#bridge.chunk(chunk);
          this.#watchKeyframes(chunk);
        },
        jumped: (seconds) => {
          options.registry.timesJumped({ name: options.name, seconds });
          door.jumped?.(seconds);
        },
      }),
      limits,
      this.#work,
    );
    this.#pace = new PublisherPace({ ...rates, clock, holds, hold: (held) => this.#hold(held), failed: (error) => this.#fail(error) });
    this.#lastAt = options.clock.now();
    this.#firstTime = Math.max(FIRST_CHUNK_TIME, options.patience.beforeLive);
    this.#firstDue = this.#lastAt + this.#firstTime;
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

  /**
   * Takes the next bytes, cut anywhere, which came in so many `pieces`: messages, their frames, or chunks of HTTP. What is wrong with
   * them is reported by `PublisherDoor.failed`, perhaps only after a while.
   */
  push(bytes: Uint8Array, pieces = 1): void {
    if (this.#state === 'closed') return;
    if (bytes.length > 0) this.#lastAt = this.#options.clock.now();
    const wasHeld = this.#pace.held;
    this.#pace.count({ pieces });
    if (this.#pending.length === 0 && !wasHeld) {
      this.#take(bytes, 'lent');
      return;
    }
    const own = bytes.slice();
    this.#pending.push(() => this.#take(own, 'own'));
  }

  /** Calls `run` after all that was pushed before has been taken: at once, unless that asked for much work. Not if the publisher has failed by then. */
  after(run: () => void): void {
    if (this.#state === 'closed') return;
    if (this.#pending.length === 0) run();
    else {
      this.#pending.push(() => {
        run();
        return true;
      });
    }
  }

  /** Takes a pair of media time in seconds and the relay's Unix time in ms at which it was captured. */
  clock(media: number, wall: number): void {
    if (this.#state !== 'closed') this.#feed.clock(media, wall);
  }

  /** The publisher has finished cleanly: the stream ends, or the door is given the error of a body that is unfinished, or has no frame. */
  end(): void {
    this.after(() => {
      this.#parse(() => this.#parser.finish());
      if (this.#state === 'new') this.#fail(new SluiceError('no-media', 'The media ends before its first frame'));
      if (this.#close()) this.#feed.end();
    });
  }

  /** The publisher broke off, and what of it is pending is dropped: its viewers are held for it. May be called twice, and after `end`. */
  lost(): void {
    if (this.#close()) this.#feed.lost();
  }

  /** It may go on no longer, as `error` says, which the door is told. */
  fail(error: SluiceError): void {
    this.#fail(error);
  }

  #watchKeyframes(chunk: Chunk): void {
    const seconds = this.#keyframes.take(chunk);
    if (seconds === undefined) return;
    const { registry, name, door } = this.#options;
    registry.keyframeMissing({ name, seconds });
    door.keyframeMissing?.(seconds);
  }

  /** Takes as much as a turn has time for, and says whether that is all. The rest of what is only `lent` is copied. */
  #take(bytes: Uint8Array, whose: 'lent' | 'own'): boolean {
    let taken = bytes.length;
    // It may have been stopped after the last one.
    this.#work.nextTurn();
    this.#parse(() => (taken = this.#parser.push(bytes)));
    this.#bytes += taken;
    this.#pace.count({ bytes: taken, work: this.#work.spent });
    if (taken === bytes.length || this.#state === 'closed') return true;
    const rest = whose === 'own' ? bytes.subarray(taken) : bytes.slice(taken);
    this.#pending.unshift(() => this.#take(rest, 'own'));
    this.#updateDoor();
    this.#planTurn();
    return false;
  }

  #planTurn(): void {
    if (this.#pending.length === 0 || this.#pace.held || this.#cancelTurn !== undefined) return;
    this.#cancelTurn = this.#options.clock.after(BETWEEN_TURNS, () => {
      this.#cancelTurn = undefined;
      this.#turn();
    });
  }

  /** Does what is pending, up to what is too much for one turn, unless the publisher is held. */
  #turn(): void {
    while (!this.#pace.held && this.#pending.length > 0 && this.#takeNext());
    this.#updateDoor();
    this.#planTurn();
  }

  /** Takes what has been pending for longest, and says whether that is done. */
  #takeNext(): boolean {
    let done = true;
    this.#parse(() => (done = this.#pending.shift()?.() ?? true));
    return done;
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
    this.#cancelTurn?.();
    this.#pending.length = 0;
    this.#pace.close();
    this.#updateDoor();
    return true;
  }

  #hold(held: boolean): void {
    if (!held) this.#turn();
    else this.#work.stop();
    this.#updateDoor();
  }

  /** Nothing is read from a publisher that is held, or of which something is pending. */
  #updateDoor(): void {
    const held = this.#pace.held || this.#pending.length > 0;
    if (held === this.#doorHeld) return;
    this.#doorHeld = held;
    // While it is held it can't send.
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
    if (this.#doorHeld) this.#lastAt = now;
    const due = this.#lastAt + limit;
    if (now >= due) this.#fail(idle(`Nothing came for "${name}" for ${limit / 1000} s`, limit));
    else if (this.#state === 'live') this.#watchIdle(due - now);
    else if (now < this.#firstDue) this.#watchIdle(Math.min(due, this.#firstDue) - now);
    else this.#fail(idle(`No whole chunk of "${name}" came within ${this.#firstTime / 1000} s`, limit));
  }
}

/** @param limit how long nothing may come, ms. */
function idle(message: string, limit: number): SluiceError {
  return new SluiceError('publisher-idle', message, { remedy: `Keep sending: a publisher that is silent for ${limit / 1000} s is ended` });
}
