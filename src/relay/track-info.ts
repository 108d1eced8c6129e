import type { Track } from '../media/chunk';
import type { TrackInfo } from '../protocol/watch-message';

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
