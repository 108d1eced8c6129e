import type { Container } from './chunk';
import { fragmentPatches, movableFragments } from './mp4/moved-fragments';
import { type MediaPieces, type Patch, patchMedia } from './patched-media';
import type { TrackShifts } from './track-shift';
import { clusterPatches, movableClusters } from './webm/moved-clusters';

/** Says what changes in a message when its tracks are moved. */
type PatchesFor = (tracks: TrackShifts) => Patch[];

/**
 * Where the times are in the media of one init segment. Viewers whose times are moved differently are sent the same messages: each
 * message is read once for all of them, however many boxes its publisher has put in it.
 */
export class MediaTimes {
  readonly #read: (bytes: Uint8Array) => PatchesFor;
  readonly #newest = new NewestMessage<PatchesFor>();

  constructor(container: Container) {
    this.#read = container === 'mp4' ? readFragments : readClusters;
  }

  /** Of a message of whole chunks, as a parser made them. */
  in(bytes: Uint8Array): PatchesFor {
    return this.#newest.of(bytes, this.#read);
  }
}

/**
 * Moves the times in the media of one init segment. Only what holds a time is written anew; payloads are shared with the original.
 * Viewers whose times are moved alike share one.
 */
export class TimeShift {
  readonly tracks: TrackShifts;
  readonly #times: MediaTimes;
  readonly #newest = new NewestMessage<MediaPieces>();

  /** @param tracks how each track is moved, by its number; one that isn't in it stays. */
  constructor(times: MediaTimes, tracks: TrackShifts) {
    this.tracks = tracks;
    this.#times = times;
  }

  /** The pieces of a message of whole chunks, as a parser made them, with their times moved. It is longer only where a time has outgrown its field. */
  move(bytes: Uint8Array): MediaPieces {
    return this.#newest.of(bytes, () => patchMedia(bytes, this.#times.in(bytes)(this.tracks)));
  }
}

/**
 * What was made of the newest message. All viewers are sent a message one after another, in one turn of the event loop. So it is
 * remembered no longer than that: what nobody is sent isn't retained.
 */
class NewestMessage<Made> {
  #newest: WeakRef<{ readonly bytes: Uint8Array; readonly made: Made }> | undefined;

  of(bytes: Uint8Array, make: (bytes: Uint8Array) => Made): Made {
    const newest = this.#newest?.deref();
    if (newest?.bytes === bytes) return newest.made;
    const made = make(bytes);
    this.#newest = new WeakRef({ bytes, made });
    return made;
  }
}

function readFragments(bytes: Uint8Array): PatchesFor {
  const fragments = movableFragments(bytes);
  return (tracks) => fragmentPatches(fragments, tracks);
}

function readClusters(bytes: Uint8Array): PatchesFor {
  const clusters = movableClusters(bytes);
  return (tracks) => clusterPatches(clusters, tracks);
}
