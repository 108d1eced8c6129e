import type { BytePlace } from '../byte-reader';
import type { Sample } from '../mp4/fragment-writer';
import type { InitTrack } from '../mp4/init-writer';
import type { Frame } from '../webm/timeline';

/** A sample, and whether its duration is a guess. */
export interface TimedSample {
  readonly sample: Sample;
  readonly estimated: boolean;
}

/** A track on its way from Matroska to MP4. */
export interface RemuxTrack {
  readonly kind: 'video' | 'audio';
  /** Ticks a second in MP4. */
  readonly timescale: number;
  /** What the init segment says of it: undefined while it isn't known, and another one where it changes. */
  readonly description: InitTrack | undefined;
  /**
   * The sample that a frame becomes: nothing if there is nothing in it to decode, or if the description isn't known.
   * @throws MediaError if it is broken.
   */
  take(frame: Frame, place: BytePlace): TimedSample | undefined;
  /** Ticks of Matroska for `duration` of the sample's. */
  sourceTicks(duration: number): number;
}
