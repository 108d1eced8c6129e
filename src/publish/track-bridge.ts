import { Allowance } from '../base/allowance';
import type { BridgeWriter } from '../media/bridge/bridge';
import { bridgeWriter } from '../media/bridge/bridge-writer';
import { KeptGop } from '../media/bridge/kept-gop';
import { type SilentPacket, silenceOf } from '../media/bridge/silence';
import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { MediaSink } from '../media/container-parser';
import type { Clock } from '../relay/clock';
import { TrackReturn } from './track-return';
import { TrackState } from './track-state';

/** Takes media in which a track that stops is bridged. */
interface BridgeSink extends MediaSink {
  /** An epoch begins, in which tracks of these kinds have stopped already; those that its init segment lacks among them. */
  init(segment: InitSegment, stopped?: readonly Track['kind'][]): void;
  /** The kinds of the tracks that have stopped: none, once all go on. */
  stopped(kinds: readonly Track['kind'][]): void;
  /** The last picture once more, of no use but where media is cut into files: viewers who follow have it already. */
  again(chunk: Chunk): void;
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
/** Bytes a second that this may cost who watches over HLS: a larger GOP comes less often. */
const MOST_BYTES = 512 << 10;
/** Less than a frame, seconds: times are rounded. */
const ROUNDING = 0.01;
/** Seconds of media that come too late after a stop: the track was late and had not stopped. */
const TOO_LATE = 1;
/**
 * What is written for a stopped track in the time of a clock, however fast the times of the other go: seconds of silence, and how often the
 * last picture is sent, to all and to HLS.
 */
const SILENCE_ALLOWED = { burst: 15, perSecond: 2 };
const PICTURES_ALLOWED = { burst: 3, perSecond: 0.15 };
const CUTS_ALLOWED = { burst: 3, perSecond: 0.6 };

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
  readonly #gop = new KeptGop();
  readonly #return = new TrackReturn();
  readonly #silenceLeft: Allowance;
  readonly #picturesLeft: Allowance;
  readonly #cutsLeft: Allowance;
  #init: InitSegment | undefined;
  #writer: BridgeWriter | undefined;
  #silence: SilentPacket | undefined;
  #tracks: readonly TrackState[] = [];
  /** The track that this epoch lacks, since it has stopped and can't be bridged. */
  #leftOut: TrackState | undefined;
  /** Where the media of this epoch begins. */
  #start: number | undefined;
  #awaitsKeyframe = false;

  constructor(sink: BridgeSink, clock: Pick<Clock, 'now'>) {
    this.#sink = sink;
    this.#clock = clock;
    this.#silenceLeft = new Allowance(SILENCE_ALLOWED, clock);
    this.#picturesLeft = new Allowance(PICTURES_ALLOWED, clock);
    this.#cutsLeft = new Allowance(CUTS_ALLOWED, clock);
  }

  /** Begins an epoch. With the same init segment as before, what has stopped has stopped still. */
  init(segment: InitSegment): void {
    if (segment !== this.#init) {
      this.#init = segment;
      this.#writer = undefined;
      this.#leftOut = undefined;
      const audio = segment.tracks.find(({ kind }) => kind === 'audio');
      this.#silence = audio && silenceOf(audio, segment.container);
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
    if (chunk.hasVideo) this.#gop.add(chunk);
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
    if (!stopped.some(({ track }) => track.kind === 'video')) this.#gop.clear();
    for (const state of this.#tracks) state.beginEpoch();
    this.#sink.init(this.#leftOut === undefined ? init : this.#writerOf(init).initWithout(this.#leftOut.track.kind), this.#told);
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
    if (chunk.hasVideo && !chunk.joinable && !this.#gop.whole) {
      this.#wantKeyframe();
      return false;
    }
    if (state.track.kind === 'audio') this.#writeSilence(state, start);
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
      this.#bridge(state);
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
    if (this.#gop.chunks.length > 0) this.#gop.bound((chunk) => this.#writerOf(init).frames(chunk));
    if (this.#canBridge(state)) return;
    state.told = true;
    if (state.track.kind === 'video') this.#leaveOut(state);
    else if (this.#gop.whole && this.#gop.chunks.length > 0) this.#leaveOutWithin(state);
    else {
      // Until a keyframe comes with which viewers can begin the epoch.
      this.#tellStopped();
      this.#sink.keyframe();
    }
  }

  #canBridge({ track: { kind } }: TrackState): boolean {
    return kind === 'audio' ? this.#silence !== undefined : this.#gop.chunks.length > 0;
  }

  #leaveOut(state: TrackState): void {
    this.#leftOut = state;
    this.#return.leftOut(this.#clock.now());
    this.#beginEpoch();
  }

  /** Begins an epoch without sound in the middle of a GOP, with what a decoder needs of that. */
  #leaveOutWithin(state: TrackState): void {
    const init = this.#init;
    const last = this.#gop.chunks.at(-1);
    if (init === undefined || last === undefined) return;
    const writer = this.#writerOf(init);
    // What comes next must not be decoded before what is sent again.
    const shownAt = last.spans.some(({ estimated }) => estimated) ? last.start : last.end;
    const again = writer.picture(this.#gop, { start: Math.max(0, shownAt - writer.pictureTime(this.#gop)), shownAt, lasts: PICTURE_SPARE });
    this.#leaveOut(state);
    for (const chunk of again) this.#sink.chunk(chunk);
  }

  /** Sound that has stopped, and couldn't be left out within a GOP, is left out from the next keyframe on. */
  #leaveOutBefore(chunk: Chunk): void {
    const state = this.#tracks.find((each) => each.stopped && each.track.kind === 'audio' && !this.#canBridge(each));
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
    const rest = this.#init && this.#writerOf(this.#init).chunkWithout(chunk, leftOut.track.kind);
    if (rest === undefined) return;
    for (const state of this.#tracks) if (state !== leftOut) state.end = state.endIn(rest);
    this.#sink.chunk(rest);
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
    if (silence === undefined || this.#init === undefined || to - end < LEAST_SILENCE || !this.#silenceLeft.afford(to - end)) return;
    for (const chunk of this.#writerOf(this.#init).silence(silence, { start: end, count: Math.floor((to - end) / silence.duration) })) {
      state.end = chunk.end;
      this.#sink.chunk(chunk);
    }
  }

  #showPicture(state: TrackState, newest: number): void {
    const to = Math.max(newest, this.#start ?? 0);
    const isForAll = to - state.shownAt >= PICTURE_EVERY;
    const cutEvery = Math.max(SEGMENT, this.#gop.bytes / MOST_BYTES);
    if (this.#init === undefined || this.#gop.chunks.length === 0 || (!isForAll && to - state.cutAt < cutEvery)) return;
    if (!(isForAll ? this.#picturesLeft : this.#cutsLeft).afford(1)) return;
    const isFirst = state.shownAt === -Infinity;
    const start = Math.max(state.end ?? this.#start ?? 0, isFirst ? 0 : to);
    const chunks = this.#writerOf(this.#init).picture(this.#gop, { start, shownAt: to, lasts: PICTURE_EVERY + PICTURE_SPARE });
    state.cutAt = to;
    if (isForAll) state.shownAt = to;
    for (const chunk of chunks) {
      state.end = chunk.end;
      const again = { ...chunk, standsIn: true } as const;
      if (isForAll) this.#sink.chunk(again);
      else this.#sink.again(again);
    }
  }

  #writerOf(init: InitSegment): BridgeWriter {
    return (this.#writer ??= bridgeWriter(init));
  }

  /** The kinds of the tracks of which it is reported that they have stopped. */
  get #told(): readonly Track['kind'][] {
    return this.#tracks.flatMap(({ track, stopped, told }) => (stopped && told ? [track.kind] : []));
  }

  #tellStopped(): void {
    this.#sink.stopped(this.#told);
  }
}
