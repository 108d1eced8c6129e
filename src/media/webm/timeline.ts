import type { Chunk, MediaBytes, TrackSpan } from '../chunk';
import { opusPacketDuration } from '../codecs/opus';
import { MAX_DURATION } from './cluster-writer';
import type { WebmInit } from './init-segment';
import type { WebmTrack } from './webm-track';

/** A frame of a track, with what its container says of it. */
export interface Frame {
  readonly source: WebmTrack;
  /** Ticks. */
  readonly time: number;
  readonly keyframe: boolean;
  readonly payload: Uint8Array;
  /** What its BlockGroup says that it lasts, ticks. */
  readonly statedDuration: number | undefined;
}

/** How long a frame lasts, in ticks. */
interface FrameDuration {
  readonly duration: number;
  readonly estimated: boolean;
  /** What its Cluster says. */
  readonly written: number;
}

/**
 * What a Cluster says at least that a video frame lasts, nanoseconds. Media Source Extensions drop everything up to the next
 * keyframe when a gap exceeds twice the last duration, so a duration that is too short freezes a slow or varying frame rate;
 * one that is too long does nothing, since the next frame cuts it off.
 */
const MIN_VIDEO_DURATION = 1e9;
/** The same for audio whose packets don't tell. Measured with Vorbis, whose short packets are followed by long ones. */
const MIN_AUDIO_GUESS = 1e8;
/** Nanoseconds that an audio packet is guessed to last at most: what is longer was a gap. */
const MAX_AUDIO_GUESS = 1e9;
/** Nanoseconds that a frame counts until the track has shown more: 30 a second, and a Vorbis packet of 1,024 samples. */
const FIRST_VIDEO_GUESS = 1e9 / 30;
const FIRST_AUDIO_GUESS = 1e9 / 47;

/** Follows the times of the tracks of one init segment, and describes its chunks. */
export class Timeline {
  readonly #init: WebmInit;
  readonly #hasVideo: boolean;
  /** Time of the last frame of each track, and the last interval between two, ticks. */
  readonly #clocks = new Map<number, { time: number; interval: number | undefined }>();

  constructor(init: WebmInit) {
    this.#init = init;
    this.#hasVideo = init.segment.tracks.some((track) => track.kind === 'video');
  }

  /** Says how long a frame lasts, and goes on to it. */
  durationOf(frame: Frame): FrameDuration {
    const interval = this.#advance(frame);
    return frame.source.kind === 'video' ? this.#videoDuration(frame, interval) : this.#audioDuration(frame, interval);
  }

  /** Describes the chunk that holds just this frame. */
  describe(bytes: MediaBytes, { source: track, time, keyframe }: Frame, { duration, estimated }: FrameDuration): Chunk {
    const span: TrackSpan = { trackId: track.id, time, duration, estimated };
    const hasVideo = track.kind === 'video';
    const joinable = hasVideo ? keyframe : !this.#hasVideo;
    return { bytes, joinable, hasVideo, start: time / track.timescale, end: (time + duration) / track.timescale, spans: [span] };
  }

  /** A stated duration that equals the least that Sluice writes was written by a Sluice, which didn't know it either. */
  #videoDuration({ source, statedDuration }: Frame, interval: number | undefined): FrameDuration {
    const least = this.#ticks(MIN_VIDEO_DURATION);
    const stated = statedDuration === least ? undefined : nonZero(statedDuration);
    const duration = stated ?? this.#defaultDuration(source) ?? Math.min(interval ?? this.#ticks(FIRST_VIDEO_GUESS), least);
    return { duration, estimated: stated === undefined, written: Math.max(duration, least) };
  }

  /** Opus packets tell their duration; of others the container may. Else they last as long as the one before. */
  #audioDuration({ source, payload, statedDuration }: Frame, interval: number | undefined): FrameDuration {
    const least = this.#ticks(MIN_AUDIO_GUESS);
    const packet = source.codec === 'opus' ? opusPacketDuration(payload) : undefined;
    const stated = packet === undefined ? nonZero(statedDuration) : this.#ticks(packet * 1000);
    if (stated !== undefined && (packet !== undefined || stated !== least)) return { duration: stated, estimated: false, written: stated };
    const guess = Math.min(interval ?? this.#ticks(FIRST_AUDIO_GUESS), this.#ticks(MAX_AUDIO_GUESS));
    const duration = this.#defaultDuration(source) ?? guess;
    return { duration, estimated: true, written: Math.max(duration, least) };
  }

  /** A track's last interval between two frames, if it has had any. */
  #advance({ source, time }: Frame): number | undefined {
    const { id } = source;
    let clock = this.#clocks.get(id);
    if (!clock) this.#clocks.set(id, (clock = { time, interval: undefined }));
    if (time > clock.time) clock.interval = time - clock.time;
    clock.time = time;
    return clock.interval;
  }

  #defaultDuration({ defaultDuration }: WebmTrack): number | undefined {
    return defaultDuration === undefined ? undefined : this.#ticks(defaultDuration);
  }

  /** Whole ticks of `nanoseconds`: at least one, and as many as a Cluster says at most. */
  #ticks(nanoseconds: number): number {
    return Math.min(Math.max(1, Math.round(nanoseconds / this.#init.timestampScale)), MAX_DURATION);
  }
}

/** A duration of 0 tells nothing. */
function nonZero(duration: number | undefined): number | undefined {
  return duration === 0 ? undefined : duration;
}
