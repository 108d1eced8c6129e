import { opusPacketDuration } from '../codecs/opus';
import type { FragmentData, TrackFragment } from './movie-fragment';

/**
 * A fragment with the duration that its last Opus packet has, where less is stated.
 *
 * Chromium's recorder (156) says 21 ms of the last packet of a fragment, though it has 60. Media Source Extensions take what follows
 * for a gap, and drop the picture with the sound up to the next keyframe.
 */
export function withPacketDuration(fragment: TrackFragment, { bytes, shift }: FragmentData): TrackFragment {
  if (fragment.track.codec !== 'opus') return fragment;
  const packet = opusPacketDuration(bytes.subarray(shift + fragment.lastSampleStart, shift + fragment.lastSampleEnd));
  const ticks = packet === undefined ? 0 : Math.round((packet * fragment.track.timescale) / 1e6);
  return ticks > fragment.lastDuration ? { ...fragment, lastPacket: ticks } : fragment;
}
