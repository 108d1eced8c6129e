import type { DroppedTrackInfo, TrackInfo } from '../../src/protocol/watch-message';
import { plural } from './format';

/** What people call a codec, by the beginning of its RFC 6381 string. */
const CODECS: readonly (readonly [RegExp, string])[] = [
  [/^avc[13]\b/, 'H.264'],
  [/^h(vc|ev)1\b/, 'H.265'],
  [/^av01\b/, 'AV1'],
  [/^vp0?9\b/, 'VP9'],
  [/^vp0?8\b/, 'VP8'],
  [/^mp4a\.(69|6b|40\.34)$/i, 'MP3'],
  [/^mp4a\b/, 'AAC'],
  [/^opus$/i, 'Opus'],
  [/^flac$/i, 'FLAC'],
  [/^vorbis$/i, 'Vorbis'],
  [/^ac-3$/, 'AC-3'],
  [/^ec-3$/, 'E-AC-3'],
];

/** A stream's tracks in a few words: `H.264 + AAC, 1280×720`. */
export function mediaWords(tracks: readonly TrackInfo[]): string {
  const pictures = tracks.filter(({ kind }) => kind === 'video');
  const sounds = tracks.filter(({ kind }) => kind === 'audio');
  const codecs = [...pictures, ...sounds].map(({ codec }) => codecName(codec)).join(' + ');
  const { width, height } = pictures[0] ?? {};
  const size = width && height ? [`${width}×${height}`] : [];
  const missing = pictures.length === 0 ? ['sound only'] : sounds.length === 0 ? ['no sound'] : [];
  return [codecs, ...size, ...missing].join(', ');
}

/** The tracks that the relay doesn't pass on: `1 audio track (mp4a)`. */
export function droppedWords(dropped: readonly DroppedTrackInfo[]): string {
  return (['video', 'audio'] as const)
    .map((kind) => ({ kind, codecs: dropped.filter((track) => track.kind === kind).map(({ codec }) => codec) }))
    .filter(({ codecs }) => codecs.length > 0)
    .map(({ kind, codecs }) => `${plural(codecs.length, `${kind} track`)} (${codecs.join(', ')})`)
    .join(', ');
}

/** What has stopped of a stream that goes on: `no sound comes any more`. */
export function stoppedWords(stopped: readonly TrackInfo['kind'][]): string {
  return `no ${stopped.map((kind) => (kind === 'video' ? 'picture' : 'sound')).join(', no ')} comes any more`;
}

/** What people call a codec; its RFC 6381 string if they have no name for it. */
export function codecName(codec: string): string {
  return CODECS.find(([pattern]) => pattern.test(codec))?.[1] ?? codec;
}
