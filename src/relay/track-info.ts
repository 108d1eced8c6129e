import type { DroppedTrack, Track } from '../media/chunk';
import type { DroppedTrackInfo, TrackInfo } from '../protocol/watch-message';

/** What people and players outside are told of a track. */
export function trackInfo(track: Track): TrackInfo {
  const { kind, codec, width, height, frameRate, channels, sampleRate } = track;
  return {
    kind,
    codec,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(frameRate !== undefined && { frameRate }),
    ...(channels !== undefined && { channels }),
    ...(sampleRate !== undefined && { sampleRate }),
  };
}

/** What people and programs are sent of the tracks that aren't passed on: nothing where there are none. */
export function droppedInfo(dropped: readonly DroppedTrack[] | undefined): { readonly dropped?: readonly DroppedTrackInfo[] } {
  return dropped === undefined ? {} : { dropped: dropped.map(({ kind, codec }) => ({ kind, codec })) };
}
