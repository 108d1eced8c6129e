import { opusPacketDuration } from '../webm/opus-packet';
import type { TrackFragment } from './movie-fragment';
import type { FragmentData } from './regroup';

/**
 * A fragment with the duration that its last Opus packet has, where less is stated.
 *
 * Chromium's recorder (156) says 21 ms of the last packet of a fragment, though it has 60. Media Source Extensions take what follows
 * for a gap, and drop the picture with the sound up to the next keyframe.
 */
export function withPacketDuration(fragment: TrackFragment, { payload, start }: FragmentData): TrackFragment {
  const placed = fragment.runs.at(-1);
  if (fragment.track.codec !== 'opus' || !placed) return fragment;
  const { run, dataStart } = placed;
  const last = run.count - 1;
  const end = dataStart - start + run.size;
  const packet = opusPacketDuration(payload.subarray(end - run.sampleSize(last), end));
  const ticks = packet === undefined ? 0 : Math.round((packet * fragment.track.timescale) / 1e6);
  return ticks > run.sampleDuration(last) ? { ...fragment, lastPacket: ticks } : fragment;
}
