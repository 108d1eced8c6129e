import type { Chunk, InitSegment, Track } from '../chunk';
import { ChunkMemory } from '../chunk-memory';
import { clusterLayout, ClusterWriter, MAX_DURATION, payloadOf } from '../webm/cluster-writer';
import { initWithout } from '../webm/init-segment';
import type { BridgeWriter, PictureBridge } from './bridge';
import type { KeptGop } from './kept-gop';
import type { SilentPacket } from './silence';

/** Flags of a block that can be decoded by itself, RFC 9559 §10.2. */
const KEYFRAME = 0x80;

/** One frame, in ticks; `lasts` is what its Cluster states, which what follows may cut off. */
interface BridgeFrame {
  readonly payload: Uint8Array;
  readonly time: number;
  readonly lasts: number;
  /** Seconds at which it ends, as the chunk is described. */
  readonly end: number;
  readonly keyframe: boolean;
}

/** Writes bridges as Clusters, each of one frame. */
export class WebmBridgeWriter implements BridgeWriter {
  readonly #segment: InitSegment;
  readonly #memory = new ChunkMemory();

  constructor(segment: InitSegment) {
    this.#segment = segment;
  }

  silence({ bytes, duration }: SilentPacket, { start, count }: { start: number; count: number }): readonly Chunk[] {
    const track = this.#trackOf('audio');
    if (track === undefined) return [];
    const ticks = Math.max(1, Math.round(duration * track.timescale));
    const first = Math.round(start * track.timescale);
    return Array.from({ length: count }, (_, i) => {
      const time = first + i * ticks;
      return this.#chunk(track, { payload: bytes, time, lasts: ticks, end: (time + ticks) / track.timescale, keyframe: true });
    });
  }

  picture(gop: KeptGop, { start, shownAt, lasts }: PictureBridge): readonly Chunk[] {
    const track = this.#trackOf('video');
    if (track === undefined) return [];
    const first = Math.round(start * track.timescale);
    const last = gop.chunks.length - 1;
    return gop.chunks.map((chunk, i) => {
      const time = first + i;
      const end = i === last ? Math.max(time + 1, Math.round(shownAt * track.timescale)) : time + 1;
      const frame = { payload: payloadOf(chunk.bytes), time, end: end / track.timescale, keyframe: chunk.joinable };
      return this.#chunk(track, { ...frame, lasts: i === last ? end - time + Math.round(lasts * track.timescale) : 1 });
    });
  }

  /** A tick for each. */
  pictureTime({ chunks }: KeptGop): number {
    return chunks.length / (this.#trackOf('video')?.timescale ?? 1);
  }

  frames({ hasVideo }: Chunk): number {
    return hasVideo ? 1 : 0;
  }

  initWithout(kind: Track['kind']): InitSegment {
    return initWithout(this.#segment, kind);
  }

  /** A Cluster of the parser has one frame. */
  chunkWithout(chunk: Chunk, kind: Track['kind']): Chunk | undefined {
    if (chunk.hasVideo === (kind === 'video')) return undefined;
    return chunk.hasVideo ? chunk : { ...chunk, joinable: true };
  }

  #chunk(track: Track, { payload, time, lasts, end, keyframe }: BridgeFrame): Chunk {
    const hasVideo = track.kind === 'video';
    const writer = new ClusterWriter(clusterLayout({ track: track.id, time, flags: keyframe ? KEYFRAME : 0, payloadSize: payload.length }), this.#memory);
    writer.append(payload);
    const duration = Math.min(lasts, MAX_DURATION);
    const bytes = writer.seal(duration, keyframe);
    return { bytes, joinable: hasVideo && keyframe, hasVideo, start: time / track.timescale, end, spans: [{ trackId: track.id, time, duration, estimated: false }] };
  }

  #trackOf(kind: Track['kind']): Track | undefined {
    return this.#segment.tracks.find((track) => track.kind === kind);
  }
}
