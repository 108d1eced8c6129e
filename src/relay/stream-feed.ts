import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { SluiceError } from '../protocol/error-code';
import type { PublisherInfo } from '../protocol/stream-detail';

/**
 * The way in to a stream: all that its publisher, here or elsewhere, gives the relay.
 * A feed that was ended, lost or replaced takes calls and does nothing.
 */
export interface StreamFeed {
  /** A timeline begins: a new epoch, in which the tracks of these kinds have stopped already; none without. */
  init(segment: InitSegment, stopped?: readonly Track['kind'][]): void;
  chunk(chunk: Chunk): void;
  /** Media for who cuts it into files, of no use to viewers: it has no place in the epoch. */
  again(chunk: Chunk): void;
  /** The kinds of the tracks that have stopped while the other goes on; none, once all go on. */
  stopped(kinds: readonly Track['kind'][]): void;
  /** Media time in seconds that was captured at `wall`, the relay's Unix time in ms. */
  clock(media: number, wall: number): void;
  /** The stream is over: viewers are told so. */
  end(): void;
  /** The publisher went without ending: viewers are held for it to come back. */
  lost(): void;
  /** How many watch the stream. */
  readonly viewers: number;
  /** Seconds from capture to picture, as its viewers report them; undefined where none does. */
  readonly latency: number | undefined;
}

/** Where a publisher comes from, for people. */
export type PublisherOrigin = Pick<PublisherInfo, 'transport' | 'address'>;

/** What the relay asks of a publisher. */
export interface PublisherLink {
  /** Random and of the publisher's own choice: whoever brings the same takes over at once. */
  readonly session?: string;
  readonly origin?: PublisherOrigin;
  /** Another connection of the same session has taken over. */
  replaced(): void;
  /** It may go on no longer, as `error` says. */
  refused(error: SluiceError): void;
  /** Somebody waits for a keyframe: encoders that can, make one. */
  keyframe(): void;
}
