import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { MediaSink } from '../media/container-parser';
import type { Clock } from '../relay/clock';
import { StandIn, type StandInSink } from './stand-in';
import { TrackReturn } from './track-return';
import { TrackState } from './track-state';

/** Takes media in which a track that stops is bridged. */
interface BridgeSink extends MediaSink, StandInSink {
  /** An epoch begins, in which tracks of these kinds have stopped already; those that its init segment lacks among them. */
  init(segment: InitSegment, stopped?: readonly Track['kind'][]): void;
  /** The kinds of the tracks that have stopped: none, once all go on. */
  stopped(kinds: readonly Track['kind'][]): void;
  /** A decoder needs a keyframe to go on. */
  keyframe(): void;
}

/** Seconds of the other track without any of this one, and ms, and seconds of media, that follow, after which it has stopped. */
const LATE = 0.8;
const PATIENCE = 500;
const MORE_OF_OTHER = 0.3;
/** The same for a track of which nothing has come at all. */
const LATE_AT_START = 2;
/** How much more than the gaps that a track has had before is a stop, and than its stops before is worth a report. */
const MORE = 1.5;
/** Less than a frame, seconds: times are rounded. */
const ROUNDING = 0.01;
/** Seconds of media that come too late after a stop: the track was late and had not stopped. */
const TOO_LATE = 1;
/**
 * Bridges a track that stops while the other goes on: with silence, or with the last picture. Players show nothing of a time that one
 * track lacks, so that the picture would freeze where the microphone is switched off.
 *
 * The last picture is shown by repeating its GOP with no time between the frames. So every codec can do it, newcomers find a keyframe, and the decoders
 * are where the publisher's encoder is: a picture that comes later may depend on the last one.
 *
 * Where there is no silence for a codec, or no picture yet, the track is left out: an epoch begins without it, and another one with it
 * when it is back.
 */
export class TrackBridge implements MediaSink {
  readonly #sink: BridgeSink;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #standIn: StandIn;
  readonly #return = new TrackReturn();
  #init: InitSegment | undefined;
  #tracks: readonly TrackState[] = [];
  /** The track that this epoch lacks, since it has stopped and can't be bridged. */
  #leftOut: TrackState | undefined;
  /** Where the media of this epoch begins. */
  #start: number | undefined;
  #awaitsKeyframe = false;

  constructor(sink: BridgeSink, clock: Pick<Clock, 'now'>) {
    this.#sink = sink;
    this.#clock = clock;
    this.#standIn = new StandIn(sink, clock);
  }

  /** Begins an epoch. With the same init segment as before, what has stopped has stopped still. */
  init(segment: InitSegment): void {
    if (segment !== this.#init) {
      this.#init = segment;
      this.#leftOut = undefined;
      this.#standIn.init(segment);
      this.#tracks = segment.tracks.map((track) => new TrackState(track));
    }
    this.#beginEpoch();
  }

  chunk(chunk: Chunk): void {
    if (this.#tracks.length < 2) {
      this.#sink.chunk(chunk);
      return;
    }
    if (this.#leftOut === undefined) this.#leaveOutBefore(chunk);
    if (this.#leftOut !== undefined && !this.#putsBack(this.#leftOut, chunk)) {
      this.#passWithout(this.#leftOut, chunk);
      return;
    }
    this.#start ??= chunk.start;
    const own = this.#tracks.filter((state) => state.isIn(chunk));
    if (!own.every((state) => this.#takesBack(state, chunk))) return;
    for (const state of own) state.advance(chunk, this.#newest(state));
    if (chunk.hasVideo) this.#standIn.gop.add(chunk);
    this.#sink.chunk(!chunk.hasVideo && this.#tracks.some(({ track, stopped }) => stopped && track.kind === 'video') ? { ...chunk, standsIn: true } : chunk);
    this.#check();
  }

  /** An epoch begins, in which what has stopped is bridged or left out from the beginning. */
  #beginEpoch(): void {
    const init = this.#init;
    if (init === undefined) return;
    this.#start = undefined;
    this.#awaitsKeyframe = false;
    const stopped = this.#tracks.filter((state) => state.stopped);
    if (!stopped.some(({ track }) => track.kind === 'video')) this.#standIn.gop.clear();
    for (const state of this.#tracks) state.beginEpoch();
    this.#sink.init(this.#leftOut === undefined ? init : this.#standIn.writerOf(init).initWithout(this.#leftOut.track.kind), this.#told);
  }

  /** Whether a chunk of this track is passed on; one of a track that had stopped may come too late, or depend on what no decoder has. */
  #takesBack(state: TrackState, chunk: Chunk): boolean {
    if (state.track.kind === 'video' && this.#awaitsKeyframe && !chunk.joinable) return false;
    if (state.stopped && !this.#comesBack(state, chunk)) return false;
    if (state.track.kind === 'video') this.#awaitsKeyframe = false;
    return true;
  }

  #comesBack(state: TrackState, chunk: Chunk): boolean {
    const start = state.startIn(chunk);
    const isAlone = chunk.spans.length === 1;
    if (isAlone && state.end !== undefined && start < state.end - ROUNDING) {
      state.late += state.endIn(chunk) - start;
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
    if (chunk.hasVideo && !chunk.joinable && !this.#standIn.gop.whole) {
      this.#wantKeyframe();
      return false;
    }
    if (state.track.kind === 'audio' && this.#init !== undefined) this.#standIn.silence(state, { init: this.#init, to: start, start: this.#start ?? 0 });
    const { told } = state;
    state.goOn();
    if (told) this.#tellStopped();
    return true;
  }

  #wantKeyframe(): void {
    if (!this.#awaitsKeyframe) this.#sink.keyframe();
    this.#awaitsKeyframe = true;
  }

  /** What seemed to have stopped comes so late as it does: a new epoch has it where it belongs, and waits longer. */
  #beginAgain(late: TrackState, start: number): void {
    late.usual = Math.max(late.usual, this.#newest(late) - start);
    for (const state of this.#tracks) state.goOn();
    this.#beginEpoch();
  }

  /** Where the newest of the other tracks ends. */
  #newest(state: TrackState): number {
    return Math.max(this.#start ?? 0, ...this.#tracks.flatMap((other) => (other === state || other.stopped ? [] : (other.end ?? []))));
  }

  #check(): void {
    const now = this.#clock.now();
    for (const state of this.#tracks) {
      if (!state.stopped && this.#tracks.every((other) => other === state || !other.stopped) && this.#isLate(state, now)) this.#stop(state);
      if (!state.stopped || this.#leftOut !== undefined) continue;
      if (!state.told && state.isNewsAt(this.#newest(state), MORE)) {
        state.told = true;
        this.#tellStopped();
      }
      if (this.#init !== undefined) this.#standIn.fill(state, { init: this.#init, newest: this.#newest(state), start: this.#start ?? 0 });
    }
  }

  /** Only media of the other track shows that this one doesn't come: both may pause, or it may be the network that has stopped. */
  #isLate(state: TrackState, now: number): boolean {
    const newest = this.#newest(state);
    const gap = newest - (state.end ?? this.#start ?? 0);
    if (gap <= (state.end === undefined ? LATE_AT_START : LATE) + state.usual * MORE) {
      state.lateSince = undefined;
      return false;
    }
    state.lateSince ??= { now, newest };
    return now - state.lateSince.now >= PATIENCE && newest - state.lateSince.newest >= MORE_OF_OTHER;
  }

  #stop(state: TrackState): void {
    state.stop();
    const init = this.#init;
    if (init === undefined) return;
    const { gop } = this.#standIn;
    if (gop.chunks.length > 0) gop.bound((chunk) => this.#standIn.writerOf(init).frames(chunk));
    if (this.#standIn.has(state.track)) return;
    state.told = true;
    if (state.track.kind === 'video') this.#leaveOut(state);
    else if (gop.whole && gop.chunks.length > 0) this.#leaveOutWithin(state, init);
    else {
      // Until a keyframe comes with which viewers can begin the epoch.
      this.#tellStopped();
      this.#sink.keyframe();
    }
  }

  #leaveOut(state: TrackState): void {
    this.#leftOut = state;
    this.#return.leftOut(this.#clock.now());
    this.#beginEpoch();
  }

  /** Begins an epoch without sound in the middle of a GOP, with what a decoder needs of that. */
  #leaveOutWithin(state: TrackState, init: InitSegment): void {
    const again = this.#standIn.gopAgain(init);
    this.#leaveOut(state);
    for (const chunk of again) this.#sink.chunk(chunk);
  }

  /** Sound that has stopped, and couldn't be left out within a GOP, is left out from the next keyframe on. */
  #leaveOutBefore(chunk: Chunk): void {
    const state = this.#tracks.find((each) => each.stopped && each.track.kind === 'audio' && !this.#standIn.has(each.track));
    if (state !== undefined && chunk.joinable && !state.isIn(chunk)) this.#leaveOut(state);
  }

  /** Whether the track is put back with this chunk, where viewers can begin. */
  #putsBack(state: TrackState, chunk: Chunk): boolean {
    const now = this.#clock.now();
    if (state.isIn(chunk)) {
      const [other] = this.#tracks.filter((each) => each !== state);
      if (other?.end !== undefined) state.usual = Math.max(state.usual, other.end - state.startIn(chunk));
      this.#return.came(now);
    }
    if (!this.#return.isDue(now)) return false;
    if (!chunk.joinable) {
      this.#wantKeyframe();
      return false;
    }
    this.#return.back(now);
    this.#leftOut = undefined;
    for (const each of this.#tracks) each.goOn();
    this.#beginEpoch();
    return true;
  }

  #passWithout(leftOut: TrackState, chunk: Chunk): void {
    const rest = this.#init && this.#standIn.writerOf(this.#init).chunkWithout(chunk, leftOut.track.kind);
    if (rest === undefined) return;
    for (const state of this.#tracks) if (state !== leftOut) state.end = state.endIn(rest);
    this.#sink.chunk(rest);
  }

  /** The kinds of the tracks of which it is reported that they have stopped. */
  get #told(): readonly Track['kind'][] {
    return this.#tracks.flatMap(({ track, stopped, told }) => (stopped && told ? [track.kind] : []));
  }

  #tellStopped(): void {
    this.#sink.stopped(this.#told);
  }
}
