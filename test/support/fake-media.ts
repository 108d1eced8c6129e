import { allocateMedia, type Chunk, type InitSegment, type MediaBytes, type Track } from '../../src/media/chunk';

const VIDEO: Track = { id: 1, kind: 'video', codec: 'avc1.42E01E', timescale: 1000, width: 160, height: 120 };
const AUDIO: Track = { id: 2, kind: 'audio', codec: 'opus', timescale: 1000, channels: 2, sampleRate: 48000 };

/** A copy of `bytes` with head room. */
export function mediaOf(bytes: Uint8Array): MediaBytes {
  const media = allocateMedia(bytes.length);
  media.set(bytes);
  return media;
}

/** An init segment of 5 bytes, with video and audio. */
export function initSegment(tracks: readonly Track[] = [VIDEO, AUDIO]): InitSegment {
  return { container: 'mp4', mime: `video/mp4; codecs="${tracks.map(({ codec }) => codec).join(', ')}"`, tracks, bytes: allocateMedia(5) };
}

/** When a made chunk is, seconds, and how large, bytes. */
export interface ChunkShape {
  readonly start?: number;
  readonly end?: number;
  readonly size?: number;
}

/** A chunk of video that begins with a keyframe: 10 bytes, unless told otherwise. */
export function key(shape: ChunkShape = {}): Chunk {
  return makeChunk({ ...shape, joinable: true, hasVideo: true });
}

/** A chunk of video that depends on those before. */
export function delta(shape: ChunkShape = {}): Chunk {
  return makeChunk({ ...shape, joinable: false, hasVideo: true });
}

/** A chunk of audio of a stream with video. */
export function audio(shape: ChunkShape = {}): Chunk {
  return makeChunk({ ...shape, joinable: false, hasVideo: false });
}

/** A chunk of a stream that has nothing but audio. */
export function onlyAudio(shape: ChunkShape = {}): Chunk {
  return makeChunk({ ...shape, joinable: true, hasVideo: false });
}

function makeChunk({ start = 0, end = start + 0.1, size = 10, joinable, hasVideo }: ChunkShape & Pick<Chunk, 'joinable' | 'hasVideo'>): Chunk {
  const span = { trackId: hasVideo ? VIDEO.id : AUDIO.id, time: Math.round(start * 1000), duration: Math.round((end - start) * 1000), estimated: false };
  return { bytes: allocateMedia(size), joinable, hasVideo, start, end, spans: [span] };
}
