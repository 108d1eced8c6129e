import type { Chunk, InitSegment, Track } from '../chunk';
import type { KeptGop } from './kept-gop';
import type { SilentPacket } from './silence';

/** Where the last picture is shown again. Seconds. */
export interface PictureBridge {
  /** Decode time of the first frame. */
  readonly start: number;
  /** When the last picture is shown, unless the frames before it take longer. */
  readonly shownAt: number;
  /** How long the last picture lasts from then on, if nothing cuts it off. */
  readonly lasts: number;
}

/** Writes media for a track of which nothing comes, or media without it. */
export interface BridgeWriter {
  /** So many packets of silence, from `start` (seconds) on. Times are whole ticks: the next begin where the last of these ends. */
  silence(packet: SilentPacket, range: { readonly start: number; readonly count: number }): readonly Chunk[];
  /** All frames of the GOP in no time, so that a decoder comes to its last picture, which then lasts. */
  picture(gop: KeptGop, bridge: PictureBridge): readonly Chunk[];
  /** Seconds that it takes at least to decode all frames of the GOP in such a bridge. */
  pictureTime(gop: KeptGop): number;
  /** How many frames of video a chunk has. */
  frames(chunk: Chunk): number;
  /** The init segment without the track of that kind; the other one stays. */
  initWithout(kind: Track['kind']): InitSegment;
  /** A chunk without that track, such as `initWithout` describes; undefined if nothing is left. */
  chunkWithout(chunk: Chunk, kind: Track['kind']): Chunk | undefined;
}
