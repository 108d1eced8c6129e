import { SluiceError } from '../protocol/error-code';
import type { PublisherInfo } from '../protocol/stream-detail';
import type { Clock, Failed } from './clock';
import type { RelayLimits } from './relay-limits';
import type { PublisherLink, StreamFeed } from './stream-feed';
import type { StreamServices } from './stream-services';

const KEYFRAME_INTERVAL = 1_000;

/** What the place needs of its stream. */
export interface PublisherPlaceOptions extends Pick<StreamServices, 'clock' | 'limits' | 'failed'> {
  /** Of the stream. */
  readonly name: string;
}

/** The place of a stream's publisher: who has it, whether media comes, and for how long it is kept for somebody who broke off. */
export class PublisherPlace {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #limits: RelayLimits;
  readonly #failed: Failed;
  #publisher: { readonly link: PublisherLink; readonly feed: StreamFeed; readonly since: number } | undefined;
  /** Whether the publisher that is there has begun an epoch of its own. */
  #live = false;
  #cancelHold: (() => void) | undefined;
  /** When its publisher broke off; those who come and go since without an epoch don't prolong the wait. */
  #heldSince: number | undefined;
  /** When its publisher came, or sent something, last. */
  #lastLifeAt = 0;
  #idle = false;
  #keyframeAskedAt = -Infinity;

  constructor({ name, clock, limits, failed }: PublisherPlaceOptions) {
    this.#name = name;
    this.#clock = clock;
    this.#limits = limits;
    this.#failed = failed;
  }

  /** Whether somebody has it. */
  get taken(): boolean {
    return this.#publisher !== undefined;
  }

  /** Whether somebody publishes now. */
  get live(): boolean {
    return this.#live;
  }

  /** Why nothing comes just now, if so: the publisher is away, or silent. */
  get silence(): 'publisher' | 'idle' | undefined {
    if (!this.#live) return 'publisher';
    return this.#idle ? 'idle' : undefined;
  }

  /** Who has it, if somebody does. */
  get info(): PublisherInfo | undefined {
    return this.#publisher && { transport: 'source', ...this.#publisher.link.origin, since: this.#publisher.since };
  }

  /**
   * Says, before a publisher is let in, whether it may have the place.
   * @throws SluiceError `name-in-use` if another session publishes.
   */
  checkFree(session: string | undefined): void {
    const holder = this.#publisher?.link;
    if (holder === undefined || (session !== undefined && holder.session === session)) return;
    throw new SluiceError('name-in-use', `Cannot publish "${this.#name}": somebody publishes it already`);
  }

  /**
   * Lets a publisher in; one of the same session that is still there is replaced.
   * @throws SluiceError `name-in-use` if another session publishes.
   */
  take(link: PublisherLink, feed: StreamFeed): void {
    this.checkFree(link.session);
    const replaced = this.#publisher?.link;
    this.#publisher = { link, feed, since: this.#clock.wall() };
    this.#stopHolding();
    this.#live = false;
    this.noteLife();
    this.#keyframeAskedAt = -Infinity;
    this.#tell(replaced, (door) => door.replaced());
  }

  /** Whether that is the feed of whoever has the place. */
  isOf(feed: StreamFeed): boolean {
    return this.#publisher?.feed === feed;
  }

  /** The publisher begins an epoch. Returns whether it is its first. */
  begin(): boolean {
    const isFirst = !this.#live;
    this.#live = true;
    this.#heldSince = undefined;
    this.noteLife();
    return isFirst;
  }

  /** The publisher has sent something. */
  noteLife(): void {
    this.#lastLifeAt = this.#clock.now();
    this.#idle = false;
  }

  /** Whether the publisher is found to be silent now: true once, until it sends something. */
  fallsSilent(): boolean {
    if (this.#publisher === undefined || this.#idle || this.#clock.now() - this.#lastLifeAt < this.#limits.idle) return false;
    this.#idle = true;
    return true;
  }

  /** Asks the publisher for a keyframe, at most once a second. */
  requestKeyframe(): void {
    const now = this.#clock.now();
    if (this.#publisher === undefined || now - this.#keyframeAskedAt < KEYFRAME_INTERVAL) return;
    this.#keyframeAskedAt = now;
    this.#tell(this.#publisher.link, (door) => door.keyframe());
  }

  /** The publisher has gone. Returns whether it was live. */
  leave(): boolean {
    const wasLive = this.#live;
    this.#publisher = undefined;
    this.#live = false;
    return wasLive;
  }

  /** Keeps the place for as long as limits say from when the publisher broke off, and then calls `over`. */
  hold(over: () => void): void {
    const now = this.#clock.now();
    this.#heldSince ??= now;
    this.#cancelHold = this.#clock.after(Math.max(0, this.#heldSince + this.#limits.hold - now), over);
  }

  /** The stream is over. Returns what tells the publisher why, if somebody publishes. */
  clear(): (error: SluiceError) => void {
    const link = this.#publisher?.link;
    this.#stopHolding();
    this.#heldSince = undefined;
    this.leave();
    return (error) => this.#tell(link, (door) => door.refused(error));
  }

  /** Stops the timer. */
  dispose(): void {
    this.#cancelHold?.();
  }

  #stopHolding(): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
  }

  /** A publisher's door that throws is left to its own close event; the stream goes on. */
  #tell(link: PublisherLink | undefined, tell: (door: PublisherLink) => void): void {
    if (link === undefined) return;
    try {
      tell(link);
    } catch (error) {
      this.#failed(error, 'the door of a publisher');
    }
  }
}
