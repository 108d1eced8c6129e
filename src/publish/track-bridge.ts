import type { BridgeWriter } from '../media/bridge/bridge';
import { bridgeWriter } from '../media/bridge/bridge-writer';
import { KeptGop } from '../media/bridge/kept-gop';
import { type SilentPacket, silenceOf } from '../media/bridge/silence';
import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { MediaSink } from '../media/container-parser';
import type { Clock } from '../relay/clock';

/** Takes media in which a track that stops is bridged. */
export interface BridgeSink extends MediaSink {
  /** The kinds of the tracks that have stopped: none, once all go on. */
  stopped(kinds: readonly Track['kind'][]): void;
  /** The last picture once more, of no use but where media is cut into files: viewers who follow have it already. */
  again(chunk: Chunk): void;
  /** A decoder needs a keyframe to go on. */
  keyframe(): void;
}

/** Seconds of the other track without any of this one, and ms that follow, after which it has stopped. */
const LATE = 0.8;
const PATIENCE = 500;
/** The same for a track of which nothing has come at all. */
const LATE_AT_START = 2;
/** How much more than the gaps that a track has had before is a stop; and how fast they are forgotten, with each chunk. */
const MORE = 1.5;
const MEMORY = 0.999;
/** Seconds from the newest media of the other track to the end of a bridge: what comes back may come a little later than the other. */
const MARGIN = 0.1;
/** The same for a picture, which can't be left out if it comes back sooner; less than what HLS takes for a leap back. */
const PICTURE_MARGIN = 0.4;
/** Seconds of silence that are written at once: at least, and at most. */
const LEAST_SILENCE = 0.1;
const MOST_SILENCE = 3;
/**
 * Seconds for which the last picture lasts, after which it is sent anew: each time a viewer may see the frames before it for a moment, and Firefox shows
 * a picture of WebM to its end. And after which HLS, whose segments have to begin with a keyframe, has it again.
 */
const PICTURE_EVERY = 10;
const PICTURE_SPARE = 2;
const SEGMENT = 2;
/** Less than a frame, seconds: times are rounded. */
const ROUNDING = 0.01;
/** Seconds of media that come too late after a stop: the track was late and had not stopped. */
const TOO_LATE = 1;

/** What is known of a track. Times are in seconds of media. */
interface TrackState {
  readonly track: Track;
  /** Where its media ends, that of the bridge included; undefined before there is some. */
  end: number | undefined;
  /** The longest time without any of it lately, while the other went on. */
  usual: number;
  /** Since when it is late, ms. */
  lateSince: number | undefined;
  stopped: boolean;
  /** What has come since for which the bridge already stands. */
  late: number;
  /** When its last picture was sent anew to all, and to HLS; of video. */
  shownAt: number;
  cutAt: number;
}

/**
 * Bridges a track that stops while the other goes on: with silence, or with the last picture. Players show nothing of a time that one
 * track lacks, so that the picture would freeze where the microphone is switched off.
 *
 * The last picture is shown by repeating its GOP with no time between the frames. So every codec can do it, newcomers find a keyframe, and the decoders
 * are where the publisher's encoder is: a picture that comes later may depend on the last one.
 */
export class TrackBridge implements MediaSink {
  readonly #sink: BridgeSink;
  readonly #clock: Clock;
  readonly #gop = new KeptGop();
  #init: InitSegment | undefined;
  #writer: BridgeWriter | undefined;
  #silence: SilentPacket | undefined;
  #tracks: readonly TrackState[] = [];
  /** Where the media of this epoch begins. */
  #start: number | undefined;
  #awaitsKeyframe = false;
  #cancelCheck: (() => void) | undefined;

  constructor(sink: BridgeSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  init(segment: InitSegment): void {
    this.#begin(segment);
    this.#tracks = segment.tracks.map((track) => ({ track, end: undefined, usual: 0, lateSince: undefined, stopped: false, late: 0, shownAt: 0, cutAt: 0 }));
    this.#sink.init(segment);
  }

  chunk(chunk: Chunk): void {
    if (this.#tracks.length < 2) {
      this.#sink.chunk(chunk);
      return;
    }
    this.#start ??= chunk.start;
    const own = this.#tracks.filter(({ track }) => chunk.spans.some(({ trackId }) => trackId === track.id));
    if (!own.every((state) => this.#takesBack(state, chunk))) return;
    for (const state of own) this.#advance(state, chunk);
    if (chunk.hasVideo) this.#gop.add(chunk);
    this.#sink.chunk(!chunk.hasVideo && this.#tracks.some(({ track, stopped }) => stopped && track.kind === 'video') ? { ...chunk, standsIn: true } : chunk);
    this.#check();
  }

  /** Stops its timer. May be called twice. */
  close(): void {
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
  }

  #begin(segment: InitSegment): void {
    this.close();
    this.#gop.clear();
    this.#init = segment;
    this.#writer = undefined;
    const audio = segment.tracks.find(({ kind }) => kind === 'audio');
    this.#silence = audio && silenceOf(audio, segment.container);
    this.#start = undefined;
    this.#awaitsKeyframe = false;
  }

  /** Whether a chunk of this track is passed on; one of a track that had stopped may come too late, or depend on what no decoder has. */
  #takesBack(state: TrackState, chunk: Chunk): boolean {
    if (state.track.kind === 'video' && this.#awaitsKeyframe && !chunk.joinable) return false;
    if (state.stopped && !this.#comesBack(state, chunk)) return false;
    if (state.track.kind === 'video') this.#awaitsKeyframe = false;
    return true;
  }

  #comesBack(state: TrackState, chunk: Chunk): boolean {
    const start = startOf(state, chunk);
    const isAlone = chunk.spans.length === 1;
    if (isAlone && state.end !== undefined && start < state.end - ROUNDING) {
      state.late += endOf(state, chunk) - start;
      if (state.late < TOO_LATE) {
        if (chunk.hasVideo) this.#wantKeyframe();
        return false;
      }
      this.#beginAgain(state, start);
      if (chunk.hasVideo && !chunk.joinable) {
        this.#wantKeyframe();
        return false;
      }
      return true;
    }
    if (chunk.hasVideo && !chunk.joinable && !this.#gop.whole) {
      this.#wantKeyframe();
      return false;
    }
    if (state.track.kind === 'audio') this.#writeSilence(state, start);
    state.stopped = false;
    state.late = 0;
    this.#tellStopped();
    return true;
  }

  #wantKeyframe(): void {
    if (!this.#awaitsKeyframe) this.#sink.keyframe();
    this.#awaitsKeyframe = true;
  }

  /** What seemed to have stopped comes so late as it does: a new epoch has it where it belongs, and waits longer. */
  #beginAgain(late: TrackState, start: number): void {
    const init = this.#init;
    if (init === undefined) return;
    late.usual = Math.max(late.usual, this.#newest(late) - start);
    this.#begin(init);
    for (const state of this.#tracks) {
      state.end = undefined;
      state.lateSince = undefined;
      state.late = 0;
      state.stopped = false;
    }
    this.#tellStopped();
    this.#sink.init(init);
  }

  #advance(state: TrackState, chunk: Chunk): void {
    const newest = this.#newest(state);
    state.usual = Math.max(state.usual * MEMORY, newest - (state.end ?? newest));
    state.end = Math.max(state.end ?? -Infinity, endOf(state, chunk));
    state.lateSince = undefined;
  }

  /** Where the newest of the other tracks ends. */
  #newest(state: TrackState): number {
    return Math.max(this.#start ?? 0, ...this.#tracks.flatMap((other) => (other === state || other.stopped ? [] : (other.end ?? []))));
  }

  #check(): void {
    const now = this.#clock.now();
    for (const state of this.#tracks) {
      if (!state.stopped && this.#tracks.every((other) => other === state || !other.stopped) && this.#isLate(state, now)) {
        state.stopped = true;
        state.lateSince = undefined;
        state.shownAt = state.cutAt = -Infinity;
        this.#tellStopped();
      }
      if (state.stopped) this.#bridge(state);
    }
  }

  #isLate(state: TrackState, now: number): boolean {
    const gap = this.#newest(state) - (state.end ?? this.#start ?? 0);
    if (gap <= (state.end === undefined ? LATE_AT_START : LATE) + state.usual * MORE) {
      state.lateSince = undefined;
      return false;
    }
    state.lateSince ??= now;
    const left = state.lateSince + PATIENCE - now;
    if (left <= 0) return true;
    this.#cancelCheck?.();
    this.#cancelCheck = this.#clock.after(left, () => this.#check());
    return false;
  }

  #bridge(state: TrackState): void {
    const newest = this.#newest(state);
    if (state.track.kind === 'audio') this.#writeSilence(state, newest - MARGIN);
    else this.#showPicture(state, newest - PICTURE_MARGIN);
  }

  /** Up to `to`, or a little less. */
  #writeSilence(state: TrackState, to: number): void {
    const silence = this.#silence;
    const end = Math.max(state.end ?? this.#start ?? 0, to - MOST_SILENCE);
    if (silence === undefined || to - end < LEAST_SILENCE) return;
    const chunks = this.#writerOf()?.silence(silence, { start: end, count: Math.floor((to - end) / silence.duration) }) ?? [];
    for (const chunk of chunks) {
      state.end = chunk.end;
      this.#sink.chunk(chunk);
    }
  }

  #showPicture(state: TrackState, to: number): void {
    const isForAll = to - state.shownAt >= PICTURE_EVERY;
    if (this.#gop.chunks.length === 0 || (!isForAll && to - state.cutAt < SEGMENT)) return;
    const isFirst = state.shownAt === -Infinity;
    const start = Math.max(state.end ?? 0, isFirst ? 0 : to);
    const chunks = this.#writerOf()?.picture(this.#gop, { start, shownAt: to, lasts: PICTURE_EVERY + PICTURE_SPARE }) ?? [];
    state.cutAt = to;
    if (isForAll) state.shownAt = to;
    for (const chunk of chunks) {
      state.end = chunk.end;
      if (isForAll) this.#sink.chunk(chunk);
      else this.#sink.again(chunk);
    }
  }

  #writerOf(): BridgeWriter | undefined {
    return (this.#writer ??= this.#init && bridgeWriter(this.#init));
  }

  #tellStopped(): void {
    this.#sink.stopped(this.#tracks.flatMap(({ track, stopped }) => (stopped ? [track.kind] : [])));
  }
}

/** Where the part of a track in a chunk begins, seconds. */
function startOf({ track }: TrackState, { spans, start }: Chunk): number {
  const span = spans.find(({ trackId }) => trackId === track.id);
  return span === undefined ? start : span.time / track.timescale;
}

function endOf({ track }: TrackState, { spans, end }: Chunk): number {
  const span = spans.find(({ trackId }) => trackId === track.id);
  return span === undefined ? end : (span.time + span.duration) / track.timescale;
}
