import type { BytePlace } from '../byte-reader';
import type { Chunk, DroppedTrack, InitSegment } from '../chunk';
import type { MediaLimits, MediaSink } from '../container-parser';
import { MediaError } from '../media-error';
import { Box } from '../mp4/box';
import { bridged, writeFragment, type TrackSamples } from '../mp4/fragment-writer';
import { readInit } from '../mp4/init-segment';
import { writeInit, type InitTrack } from '../mp4/init-writer';
import { isSync } from '../mp4/track-run';
import type { Frame } from '../webm/timeline';
import type { WorkMeter } from '../work-meter';
import { AudioTrack } from './audio-track';
import { AvcTrack } from './avc-track';
import type { MatroskaInit } from './matroska-init';
import type { RemuxTrack, TimedSample } from './remux-track';

/**
 * Makes MP4 of the frames of Matroska: an init segment as soon as all tracks are known, and a `moof` and `mdat` for each frame.
 * Frames before that are dropped: nobody could decode them. Memory: the frame in hand, and the parameter sets.
 * A payload is copied once more than that of WebM, since its NAL units are put in other frames.
 */
export class Remuxer {
  readonly #sink: MediaSink;
  readonly #limits: MediaLimits;
  /** By their numbers in Matroska; numbered anew in MP4, from 1 on. */
  readonly #tracks: ReadonlyMap<number, RemuxTrack>;
  readonly #hasVideo: boolean;
  readonly #dropped: readonly DroppedTrack[];
  /** What the init segment says; nothing before it has left. */
  #described: readonly InitTrack[] = [];
  #sequence = 0;

  /** @throws MediaError if a track's CodecPrivate is broken, or of a codec that browsers don't take. */
  constructor({ sources, timestampScale, named }: MatroskaInit, { sink, limits, work }: { sink: MediaSink; limits: MediaLimits; work: WorkMeter }) {
    this.#sink = sink;
    this.#limits = limits;
    this.#dropped = named;
    const options = { timestampScale, work };
    // No decode time may be negative: so the others come later instead.
    const longest = Math.max(...[...sources.values()].map(({ codecDelay }) => codecDelay));
    const tracks = [...sources].map(([number, source], index): [number, RemuxTrack] => {
      const own = { ...options, id: index + 1, delay: longest - source.codecDelay };
      return [number, source.codec === 'avc1' ? new AvcTrack(source, own) : new AudioTrack(source, own)];
    });
    this.#tracks = new Map(tracks);
    this.#hasVideo = tracks.some(([, { kind }]) => kind === 'video');
    this.#describe({ offset: 0, path: 'Segment/Tracks' });
  }

  /** Where the media is if it ends now, and no init segment has left yet. */
  get unfinished(): string | undefined {
    return this.#described.length === 0 ? 'before its first keyframe' : undefined;
  }

  /** Takes a frame, and says how long it lasts, in ticks of Matroska. @throws MediaError if it is broken, or too large. */
  take(frame: Frame, place: BytePlace): number {
    const track = this.#tracks.get(frame.source.id);
    const timed = track?.take(frame, place);
    if (!track || !timed) return 0;
    this.#describe(place);
    if (this.#described.length > 0) this.#sink.chunk(this.#chunk(track, timed, place));
    return track.sourceTicks(timed.sample.duration);
  }

  /** Gives an init segment if all tracks are known, and if one isn't described as it was. */
  #describe(place: BytePlace): void {
    const described = [...this.#tracks.values()].flatMap(({ description }) => description ?? []);
    if (described.length < this.#tracks.size) return;
    if (described.length === this.#described.length && described.every((track, at) => track === this.#described[at])) return;
    this.#described = described;
    const { ftyp, moov } = writeInit(described);
    const size = ftyp.length + moov.length;
    if (size > this.#limits.maxInit) throw new MediaError('init-too-large', `An init segment of ${size} bytes, where ${this.#limits.maxInit} are allowed`, place);
    // Read as by everybody behind, so that it is described in the same words.
    const segment = readWritten({ ftyp, moov }, place);
    this.#sink.init(this.#dropped.length === 0 ? segment : { ...segment, dropped: this.#dropped });
  }

  #chunk(track: RemuxTrack, { sample, estimated }: TimedSample, place: BytePlace): Chunk {
    const trackId = track.description?.id ?? 0;
    const hasVideo = track.kind === 'video';
    const samples: TrackSamples = { trackId, sampleDescription: undefined, version: 1, samples: [sample] };
    this.#sequence = (this.#sequence + 1) % 2 ** 32;
    const bytes = writeFragment(this.#sequence, [hasVideo && estimated ? bridged(samples, track.timescale) : samples]);
    if (bytes.length > this.#limits.maxChunk) {
      throw new MediaError('chunk-too-large', `A chunk of ${bytes.length} bytes, where ${this.#limits.maxChunk} are allowed`, place);
    }
    const { time, duration } = sample;
    return {
      bytes,
      joinable: hasVideo ? isSync(sample.flags) : !this.#hasVideo,
      hasVideo,
      start: time / track.timescale,
      end: (time + duration) / track.timescale,
      spans: [{ trackId, time, duration, estimated }],
    };
  }
}

/** What is wrong with a configuration shows in the `moov` that is made of it; the publisher knows only the place that it came from. */
function readWritten({ ftyp, moov }: { ftyp: Uint8Array; moov: Uint8Array }, place: BytePlace): InitSegment {
  try {
    return readInit(ftyp, Box.at(moov, 0)).segment;
  } catch (error) {
    if (!(error instanceof MediaError)) throw error;
    throw new MediaError(error.code, `As MP4: ${error.message}`, { ...place, cause: error });
  }
}
