import type { BytePlace } from '../byte-reader';
import type { Sps } from '../codecs/h264';
import { AvcParameterSets, checkSetBytes, checkSets } from '../codecs/h264-parameter-sets';
import { MediaError } from '../media-error';
import { Work } from '../work-meter';
import type { NalTrack } from './nal-track';

/** So often the shape of the picture may change within a fragment: as often as init segments may come at once. */
const MAX_CHANGES = 20;

/** What an init segment says of a picture that browsers go by. */
type Shape = Pick<Sps, 'profile' | 'constraints' | 'level' | 'width' | 'height'>;

/** What an init segment is to say from a keyframe on. */
export interface ShapeChange {
  /** Index of the keyframe in its fragment. */
  readonly at: number;
  /** The payload of the `avcC`. */
  readonly configuration: Uint8Array;
  /** Sides of the picture, pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Whether they are others than before. */
  readonly isResized: boolean;
}

/**
 * The parameter sets of H.264 that are in use on a track of MP4: those of its `avcC`, and those that keyframes bring. Players take
 * size and codec from the init segment: where a keyframe has another shape, there has to be another one.
 *
 * Sets stay in the samples that bring them. So others of the same shape change nothing: a decoder finds them where it begins.
 */
export class InBandSets {
  readonly #sets: AvcParameterSets;
  #shape: Shape;
  /** Of the fragment. */
  #changes = 0;
  #newBytes = 0;
  #slices = 0;

  private constructor(sets: AvcParameterSets, shape: Shape) {
    this.#sets = sets;
    this.#shape = shape;
  }

  /** Of a track whose picture has that size by its init segment. Nothing if it isn't H.264, or if its configuration isn't understood. */
  static of({ codec, configuration, place }: NalTrack, { width, height }: { width: number; height: number }): InBandSets | undefined {
    if (codec !== 'h264' || configuration === undefined) return undefined;
    const sets = new AvcParameterSets();
    try {
      sets.recordConfiguration(configuration, place);
    } catch (error) {
      if (error instanceof MediaError) return undefined;
      throw error;
    }
    const [, profile = 0, constraints = 0, level = 0] = configuration;
    return new InBandSets(sets, sets.first ?? { profile, constraints, level, width, height });
  }

  /** What it took to read those of the fragment that weren't known, and the slices that refer to them, in the units of `Work`. */
  get work(): number {
    return Work.parameterByte * this.#newBytes + Work.sliceRead * this.#slices;
  }

  beginFragment(): void {
    this.#changes = 0;
    this.#newBytes = 0;
    this.#slices = 0;
  }

  /** Whether a keyframe has to be looked at that brings no sets: it may refer to others than the one before. */
  get areSeveral(): boolean {
    return this.#sets.count > 1;
  }

  /**
   * Takes the sets that a keyframe brings, and its first slice: returns the change if it has another shape than what was before.
   * @param at index of the keyframe in its fragment.
   * @throws MediaError `malformed-media`, or `init-too-large`.
   */
  take(units: readonly Uint8Array[], { slice, at, place }: { slice: Uint8Array; at: number; place: BytePlace }): ShapeChange | undefined {
    checkSets(units, place);
    for (const unit of units) {
      if (this.#sets.isNewest(unit)) continue;
      this.#newBytes += unit.length;
      checkSetBytes(this.#newBytes, place);
      this.#sets.record(unit, place);
    }
    this.#slices++;
    const sps = this.#sets.spsOf(slice, place);
    if (sps === undefined || isSame(sps, this.#shape)) return undefined;
    if (this.#changes++ === MAX_CHANGES) throw new MediaError('malformed-media', `H.264 parameter sets change more than ${MAX_CHANGES} times within a fragment`, place);
    const isResized = sps.width !== this.#shape.width || sps.height !== this.#shape.height;
    this.#shape = sps;
    return { at, configuration: this.#sets.configuration(sps), size: sps, isResized };
  }
}

function isSame(one: Shape, other: Shape): boolean {
  return one.profile === other.profile && one.constraints === other.constraints && one.level === other.level && one.width === other.width && one.height === other.height;
}
