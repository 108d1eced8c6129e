import type { FragmentPieces, MergedFragments } from '../media/mp4/fragment-merger';

/** A chunk, as fragmented MP4 has it. */
export interface Fragment {
  /** A few pieces. */
  readonly pieces: FragmentPieces;
  /** Seconds: of its video if it has some, else of its sound. */
  readonly start: number;
  readonly end: number;
  /** Whether a decoder can start here. */
  readonly joinable: boolean;
  /** Whether it decides where parts and segments end: it has video, or the stream has none. */
  readonly leads: boolean;
  /** Absent unless the picture has stopped: sound that comes meanwhile, or the picture that the relay puts in its place, which takes no time. */
  readonly bridge?: 'sound' | 'picture' | undefined;
  /** Whether it has samples of every track of the stream. */
  readonly complete: boolean;
  /** The relay's Unix time in ms at which `start` was captured, or failing that received. */
  readonly wall: number;
}

/** Makes one fragment of those of a part; undefined where they stay as they are. */
export type Merge = (fragments: readonly FragmentPieces[]) => MergedFragments | undefined;
