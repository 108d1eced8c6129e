/** The two families of containers that Media Source Extensions take. */
export type Container = 'mp4' | 'webm';

/** One track of an init segment. */
export interface Track {
  /** Track number in the container: `track_ID`, or WebM's TrackNumber. */
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** RFC 6381 string, such as `avc1.42E01E`, `mp4a.40.2`, `vp09.00.10.08`, `opus`. */
  readonly codec: string;
  /** Ticks a second of the track's times. */
  readonly timescale: number;
  readonly width?: number;
  readonly height?: number;
  /** Frames a second, where the file states it; real frames may come otherwise. */
  readonly frameRate?: number;
  /** Frames that a decoder may hold back, since H.264 doesn't state how many are reordered; absent where it does, and for other codecs. */
  readonly presumedReorder?: number;
  /** Of what a decoder gives. */
  readonly channels?: number;
  /** Of what a decoder gives: with HE-AAC twice that of its core. */
  readonly sampleRate?: number;
}

/** A track of video or audio that isn't passed on, since another of its kind is. */
export interface DroppedTrack {
  readonly id: number;
  readonly kind: Track['kind'];
  /** As the container names it: the type of its sample entry, such as `mp4a`, or its CodecID, such as `A_AAC`. */
  readonly codec: string;
}

/** What a decoder needs before the first chunk. Immutable. */
export interface InitSegment {
  readonly container: Container;
  /** For `MediaSource.isTypeSupported`, such as `video/mp4; codecs="avc1.42E01E, mp4a.40.2"`. */
  readonly mime: string;
  readonly tracks: readonly Track[];
  /** Absent where everything is passed on that a viewer could play. */
  readonly dropped?: readonly DroppedTrack[];
  /** `ftyp`+`moov`, or EBML header up to Tracks. */
  readonly bytes: MediaBytes;
}

/** The part of one track in a chunk, in the track's timescale. */
export interface TrackSpan {
  readonly trackId: number;
  /** Decode time of the first sample, ticks. */
  readonly time: number;
  /** Ticks. */
  readonly duration: number;
  /** Whether the container doesn't state the duration, so that it is a guess. */
  readonly estimated: boolean;
}

/** A piece of media that stands alone behind its init segment: `moof`+`mdat`, or a whole WebM Cluster. Immutable. */
export interface Chunk {
  /** Nobody writes to it once it has left the parser. Its buffer may hold other chunks: see `ChunkMemory`. */
  readonly bytes: MediaBytes;
  /** Whether a decoder can start here: its first video sample is a sync sample, or the stream has no video. */
  readonly joinable: boolean;
  /** Whether it has video samples. */
  readonly hasVideo: boolean;
  /** Earliest decode time, seconds: of the video if the chunk has some, else of the audio. */
  readonly start: number;
  /** End of that same track in the chunk, seconds. */
  readonly end: number;
  readonly spans: readonly TrackSpan[];
  /** Whether the video of the stream has stopped, and this is audio that comes meanwhile, by which HLS cuts, or what the relay shows instead. */
  readonly standsIn?: true;
}

/**
 * Bytes kept free before every init segment and chunk, in the same `ArrayBuffer`:
 * room for the longest unmasked WebSocket header, so that a door frames media without copying it.
 */
export const HEAD_ROOM = 10;

declare const ownsHeadRoom: unique symbol;

/**
 * Bytes after `HEAD_ROOM` bytes that belong to nobody else: what is framed without being copied. A part of them has none, and so is
 * an ordinary array by its type: the bytes before it are its neighbour's.
 */
export type MediaBytes = Uint8Array & { readonly [ownsHeadRoom]: true };

/** An array of `size` bytes with `HEAD_ROOM` free bytes before it, in a buffer of its own. */
export function allocateMedia(size: number): MediaBytes {
  return cutMedia(new ArrayBuffer(HEAD_ROOM + size), { at: 0, size });
}

/** An array of `size` bytes after `HEAD_ROOM` bytes that begin at `at` of `buffer`. The caller sees to it that nobody else has any of them. */
export function cutMedia(buffer: ArrayBuffer, { at, size }: { at: number; size: number }): MediaBytes {
  return new Uint8Array(buffer, at + HEAD_ROOM, size) as MediaBytes;
}

/** The type of media with these tracks, as `InitSegment.mime` has it: video first, as browsers write it. */
export function mediaType(container: Container, tracks: readonly Track[]): string {
  const video = tracks.filter(({ kind }) => kind === 'video');
  const audio = tracks.filter(({ kind }) => kind === 'audio');
  const codecs = [...video, ...audio].map(({ codec }) => codec);
  return `${video.length > 0 ? 'video' : 'audio'}/${container}; codecs="${codecs.join(', ')}"`;
}
