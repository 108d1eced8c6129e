import type { Chunk, InitSegment, Track } from '../../media/chunk';
import type { MediaInit } from './segment';

/** The media of one epoch, as fragmented MP4. */
export interface FragmentSource {
  /** What the init segment says, or nothing until enough has come to know it. */
  readonly init: Omit<MediaInit, 'number'> | undefined;
  /** `moof` and `mdat` of a chunk, in pieces that share its payload. */
  take(chunk: Chunk): readonly Uint8Array[];
}

/** Fragmented MP4 that came as such. */
export function mp4Source({ bytes, tracks }: InitSegment): FragmentSource {
  return { init: { bytes, ...describe(tracks) }, take: (chunk) => [chunk.bytes] };
}

/** What a multivariant playlist tells of tracks: video first, as players expect it. */
export function describe(tracks: readonly Track[]): Omit<MediaInit, 'number' | 'bytes'> {
  const video = tracks.find(({ kind }) => kind === 'video');
  const audio = tracks.filter(({ kind }) => kind === 'audio');
  const codecs = [...(video === undefined ? [] : [video]), ...audio].map(({ codec }) => codec);
  const { width, height, frameRate } = video ?? {};
  return {
    codecs: [...new Set(codecs)],
    hasVideo: video !== undefined,
    size: width === undefined || height === undefined ? undefined : { width, height },
    frameRate,
  };
}
