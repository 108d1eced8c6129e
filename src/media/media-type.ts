import type { Container, Track } from './chunk';

/** The type of media with these tracks, as `InitSegment.mime` has it: video first, as browsers write it. */
export function mediaType(container: Container, tracks: readonly Track[]): string {
  const video = tracks.filter(({ kind }) => kind === 'video');
  const audio = tracks.filter(({ kind }) => kind === 'audio');
  const codecs = [...video, ...audio].map(({ codec }) => codec);
  return `${video.length > 0 ? 'video' : 'audio'}/${container}; codecs="${codecs.join(', ')}"`;
}
