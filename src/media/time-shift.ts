import type { Container } from './chunk';
import { fragmentPatches } from './mp4/moved-fragments';
import { type MediaPieces, type Patch, patchMedia } from './patched-media';
import type { TrackShifts } from './track-shift';
import { clusterPatches } from './webm/moved-clusters';

interface MovedMessage {
  readonly bytes: Uint8Array;
  readonly pieces: MediaPieces;
}

/**
 * Moves the times in the media of one init segment. Only what holds a time is written anew; payloads are shared with the original.
 *
 * Viewers whose times are moved alike share one, and are sent a message one after another, in one turn of the event loop. So the
 * newest is remembered, and no longer than that: what nobody is sent isn't retained.
 */
export class TimeShift {
  readonly tracks: TrackShifts;
  readonly #patchesOf: (bytes: Uint8Array, tracks: TrackShifts) => Patch[];
  #newest: WeakRef<MovedMessage> | undefined;

  /** @param tracks how each track is moved, by its number; one that isn't in it stays. */
  constructor(container: Container, tracks: TrackShifts) {
    this.tracks = tracks;
    this.#patchesOf = container === 'mp4' ? fragmentPatches : clusterPatches;
  }

  /** The pieces of a message of whole chunks, as a parser made them, with their times moved. It is longer only where a time has outgrown its field. */
  move(bytes: Uint8Array): MediaPieces {
    const newest = this.#newest?.deref();
    if (newest?.bytes === bytes) return newest.pieces;
    const pieces = patchMedia(bytes, this.#patchesOf(bytes, this.tracks));
    this.#newest = new WeakRef({ bytes, pieces });
    return pieces;
  }
}
