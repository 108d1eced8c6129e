import { allocateMedia, type MediaBytes } from '../chunk';
import { BoxWriter } from './box-writer';
import { TFHD } from './fragment-reader';
import { TRUN } from './track-run';

/** One sample, with its data. */
export interface Sample {
  /** Decode time, ticks. */
  readonly time: number;
  readonly duration: number;
  readonly flags: number;
  /** As the 32 bits of a `trun`. */
  readonly compositionOffset: number;
  /** In pieces, one behind the other. */
  readonly data: readonly Uint8Array[];
}

/** Samples of one track, at least one, in decode order. */
export interface TrackSamples {
  readonly trackId: number;
  readonly sampleDescription: number | undefined;
  /** Version of the `trun`: 1 if composition offsets are signed. */
  readonly version: number;
  readonly samples: readonly Sample[];
  /**
   * How long its one sample probably lasts, ticks, where its `duration` only bridges what may be a gap. It stands in the `tfhd`,
   * as a default that the sample overrides: players see the duration, and Sluice reads the guess.
   */
  readonly guess?: number | undefined;
}

/** Seconds that a video sample states at least where its duration is a guess. */
const LEAST_DURATION = 1;

/**
 * One video sample whose duration is a guess, so that no gap follows. Media Source Extensions drop everything up to the next keyframe
 * when a gap exceeds twice the last duration, so a guess that is too short freezes a slow or varying frame rate; one that is too
 * long does nothing, since the next frame cuts it off. Several samples are left as they are.
 */
export function bridged(track: TrackSamples, timescale: number): TrackSamples {
  const [sample, ...more] = track.samples;
  if (!sample || more.length > 0) return track;
  const guess = Math.min(sample.duration, MAX_DURATION - 1);
  // Longer than the guess in any case: that marks it as one.
  const duration = Math.min(MAX_DURATION, Math.max(guess + 1, LEAST_DURATION * timescale));
  return { ...track, samples: [{ ...sample, duration }], guess };
}

/** What the 32 bits of a duration hold. */
const MAX_DURATION = 2 ** 32 - 1;

/** Bytes of all fields that `writeFragment` writes, besides samples. */
const SIZES = { moof: 8, mfhd: 16, traf: 8, tfhd: 16, sampleDescription: 4, guess: 4, tfdt: 20, trun: 20, sample: 16, mdat: 8 };

/**
 * A `moof` and `mdat` as Media Source Extensions want them (https://www.w3.org/TR/mse-byte-stream-format-isobmff/#iso-media-segments):
 * every `traf` with `tfdt`, data counted from `moof`, each track's data in one piece.
 */
export function writeFragment(sequence: number, tracks: readonly TrackSamples[]): MediaBytes {
  const sizes = fragmentSizes(tracks);
  const bytes = allocateMedia(sizes.headSize + sizes.dataSize);
  const writer = new BoxWriter(bytes);
  writeHead(writer, { sequence, tracks, sizes });
  for (const { samples } of tracks) for (const { data } of samples) for (const piece of data) writer.bytes(piece);
  return bytes;
}

/** The same up to the data: the `moof`, and the header of the `mdat`. What is behind it is the data of all samples, one behind the other. */
export function writeFragmentHead(sequence: number, tracks: readonly TrackSamples[]): Uint8Array {
  const sizes = fragmentSizes(tracks);
  const bytes = new Uint8Array(sizes.headSize);
  writeHead(new BoxWriter(bytes), { sequence, tracks, sizes });
  return bytes;
}

interface FragmentSizes {
  /** Of the `moof`, and of the header of the `mdat`. */
  readonly headSize: number;
  readonly dataSize: number;
}

function fragmentSizes(tracks: readonly TrackSamples[]): FragmentSizes {
  const headSize = tracks.reduce((size, track) => size + trafSize(track), SIZES.moof + SIZES.mfhd + SIZES.mdat);
  return { headSize, dataSize: tracks.reduce((size, track) => size + dataSizeOf(track), 0) };
}

function dataSizeOf({ samples }: TrackSamples): number {
  return samples.reduce((size, { data }) => size + sizeOf(data), 0);
}

function writeHead(writer: BoxWriter, { sequence, tracks, sizes }: { sequence: number; tracks: readonly TrackSamples[]; sizes: FragmentSizes }): void {
  const { headSize, dataSize } = sizes;
  let dataOffset = headSize;
  writer.box('moof', () => {
    writer.fullBox('mfhd', { version: 0, flags: 0 }, () => writer.u32(sequence));
    for (const track of tracks) {
      writeTraf(writer, track, dataOffset);
      dataOffset += dataSizeOf(track);
    }
  });
  writer.header('mdat', SIZES.mdat + dataSize);
}

function sizeOf(data: readonly Uint8Array[]): number {
  return data.reduce((size, piece) => size + piece.length, 0);
}

function trafSize({ sampleDescription, samples, guess }: TrackSamples): number {
  const tfhd = SIZES.tfhd + (sampleDescription === undefined ? 0 : SIZES.sampleDescription) + (guess === undefined ? 0 : SIZES.guess);
  return SIZES.traf + tfhd + SIZES.tfdt + SIZES.trun + samples.length * SIZES.sample;
}

/** ISO/IEC 14496-12 §8.8.6, §8.8.7, §8.8.12, §8.8.8. */
function writeTraf(writer: BoxWriter, { trackId, sampleDescription, version, samples, guess }: TrackSamples, dataOffset: number): void {
  writer.box('traf', () => {
    const described = (sampleDescription === undefined ? 0 : TFHD.sampleDescription) | (guess === undefined ? 0 : TFHD.duration);
    writer.fullBox('tfhd', { version: 0, flags: TFHD.defaultBaseIsMoof | described }, () => {
      writer.u32(trackId);
      if (sampleDescription !== undefined) writer.u32(sampleDescription);
      if (guess !== undefined) writer.u32(guess);
    });
    writer.fullBox('tfdt', { version: 1, flags: 0 }, () => writer.u64(samples[0]?.time ?? 0));
    const flags = TRUN.dataOffset | TRUN.durations | TRUN.sizes | TRUN.flags | TRUN.compositionOffsets;
    writer.fullBox('trun', { version, flags }, () => {
      writer.u32(samples.length);
      writer.u32(dataOffset);
      for (const sample of samples) {
        writer.u32(sample.duration);
        writer.u32(sizeOf(sample.data));
        writer.u32(sample.flags);
        writer.u32(sample.compositionOffset);
      }
    });
  });
}
