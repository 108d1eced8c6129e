import type { InitSegment } from '../media/chunk';
import type { MediaPieces } from '../media/patched-media';
import type { SluiceError } from '../protocol/error-code';
import type { ViewerTransport } from '../protocol/viewer-info';
import type { WatchEvent } from '../protocol/watch-message';
import type { MediaMessage } from './media-message';

/** How a viewer's times differ from those of the epochs that it is sent. */
export interface OwnTimes {
  /** Whether they begin at 0, wherever the viewer joins. */
  readonly fromZero: boolean;
  /** Whether those of a new epoch go on where the last one ended, if the viewer's player can go on. */
  readonly continuous: boolean;
}

/** How a player goes on in a new epoch: with the init segment that it has, or with another for the same container and codecs. */
export type Continuation = 'same-init' | 'new-init';

/** How an epoch begins, or goes on, for one viewer. A door isn't given the `Epoch` itself, whose media it could retain. */
export interface EpochStart {
  /** Its id. */
  readonly epoch: string;
  readonly init: InitSegment;
  /** Position from which the media that follows goes on. */
  readonly position: number;
  /** Whether the viewer has the init segment and goes on where it was. */
  readonly resumed: boolean;
  /** Its times go on where those of the epoch before ended. Undefined where the player has to begin anew. */
  readonly continues?: Continuation | undefined;
}

/** A place in the media of a stream: an epoch, and an offset in its media bytes. */
export interface MediaPlace {
  readonly epoch: string;
  readonly position: number;
}

/**
 * The way out to one viewer, made by a door: it frames and writes, and decides nothing.
 * No method waits, and none may call the viewer back before it returns.
 */
export interface ViewerOutlet {
  /** The door, as it is counted. */
  readonly transport: ViewerTransport;
  /** Whether the door learns what has arrived, and tells it by `Viewer.received`. Else only the bytes that are queued show how the viewer keeps up. */
  readonly receipts: boolean;
  /** Undefined where the viewer gets the times of each epoch. */
  readonly ownTimes: OwnTimes | undefined;
  /** An epoch begins: send its init segment, unless `resumed` or it `continues` with the one before. A door whose viewer can't go on closes itself. */
  begin(start: EpochStart): void;
  /** Send this; its bytes are shared and never written to. */
  send(message: MediaMessage): void;
  /** Send all of these at one go, in order. */
  sendAll(messages: readonly MediaMessage[]): void;
  /** Send these at one go, in order: messages whose times were moved, in pieces. Nobody writes to them, and others may be sent the same. */
  sendMoved(messages: readonly MediaPieces[]): void;
  /** Ask for a receipt of all that was sent, up to `place`, if the viewer gives none by itself. The same object for all that are at that place. */
  mark(place: MediaPlace): void;
  /** Ask for a sign that all that was sent has arrived: the door calls `Viewer.synced(id)`, or `Viewer.received` with `place`. */
  sync(id: number, place: MediaPlace): void;
  /** Tell the viewer, if its protocol can. */
  tell(event: WatchEvent): void;
  /** The stream is over, or the relay restarts: flush, then close. */
  end(reason: 'ended' | 'restart'): void;
  /** Tell the error, then close. */
  fail(error: SluiceError): void;
  /** Bytes written that the system hasn't taken yet. When they reach zero the door calls `Viewer.drained()`. */
  queued(): number;
}
