import { Allowance } from '../base/allowance';
import type { BridgeWriter } from '../media/bridge/bridge';
import { bridgeWriter } from '../media/bridge/bridge-writer';
import { KeptGop } from '../media/bridge/kept-gop';
import { type SilentPacket, silenceOf } from '../media/bridge/silence';
import type { Chunk, InitSegment, Track } from '../media/chunk';
import type { Clock } from '../relay/clock';
import type { TrackState } from './track-state';

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
/**
 * What is written for a stopped track in the time of a clock, however fast the times of the other go: seconds of silence, and how often the
 * last picture is sent, to all and to HLS.
 */
const SILENCE_ALLOWED = { burst: 15, perSecond: 2 };
const PICTURES_ALLOWED = { burst: 3, perSecond: 0.15 };
const CUTS_ALLOWED = { burst: 3, perSecond: 0.6 };

/** Takes what is written for a stopped track. */
export interface StandInSink {
  chunk(chunk: Chunk): void;
  /** The last picture once more, of no use but where media is cut into files: viewers who follow have it already. */
  again(chunk: Chunk): void;
}

/** The media that stands in for a track that has stopped: silence, or the last picture, and never too much of either. */
export class StandIn {
  readonly gop = new KeptGop();
  readonly #sink: StandInSink;
  readonly #silenceLeft: Allowance;
  readonly #picturesLeft: Allowance;
  readonly #cutsLeft: Allowance;
  #writer: BridgeWriter | undefined;
  #silence: SilentPacket | undefined;

  constructor(sink: StandInSink, clock: Pick<Clock, 'now'>) {
    this.#sink = sink;
    this.#silenceLeft = new Allowance(SILENCE_ALLOWED, clock);
    this.#picturesLeft = new Allowance(PICTURES_ALLOWED, clock);
    this.#cutsLeft = new Allowance(CUTS_ALLOWED, clock);
  }

  /** What is written belongs to this init segment from now on. */
  init(segment: InitSegment): void {
    this.#writer = undefined;
    const audio = segment.tracks.find(({ kind }) => kind === 'audio');
    this.#silence = audio && silenceOf(audio, segment.container);
  }

  /** Whether there is silence for the codec, or a picture to show. */
  has({ kind }: Track): boolean {
    return kind === 'audio' ? this.#silence !== undefined : this.gop.chunks.length > 0;
  }

  /** What writes for an init segment. */
  writerOf(init: InitSegment): BridgeWriter {
    return (this.#writer ??= bridgeWriter(init));
  }

  /** Brings a stopped track up to the newest media of the other, or a little less. `start` is where the epoch begins. */
  fill(state: TrackState, place: { readonly init: InitSegment; readonly newest: number; readonly start: number }): void {
    if (state.track.kind === 'audio') this.silence(state, { ...place, to: place.newest - MARGIN });
    else this.#showPicture(state, { ...place, newest: place.newest - PICTURE_MARGIN });
  }

  /** Writes silence up to `to`, or a little less. */
  silence(state: TrackState, { init, to, start }: { readonly init: InitSegment; readonly to: number; readonly start: number }): void {
    const silence = this.#silence;
    const end = Math.max(state.end ?? start, to - MOST_SILENCE);
    if (silence === undefined || to - end < LEAST_SILENCE || !this.#silenceLeft.afford(to - end)) return;
    for (const chunk of this.writerOf(init).silence(silence, { start: end, count: Math.floor((to - end) / silence.duration) })) {
      state.end = chunk.end;
      this.#sink.chunk(chunk);
    }
  }

  /** What a decoder needs of the GOP that has begun, so that another epoch can begin in the middle of it. */
  gopAgain(init: InitSegment): readonly Chunk[] {
    const last = this.gop.chunks.at(-1);
    if (last === undefined) return [];
    const writer = this.writerOf(init);
    // What comes next must not be decoded before what is sent again.
    const shownAt = last.spans.some(({ estimated }) => estimated) ? last.start : last.end;
    return writer.picture(this.gop, { start: Math.max(0, shownAt - writer.pictureTime(this.gop)), shownAt, lasts: PICTURE_SPARE });
  }

  #showPicture(state: TrackState, { init, newest, start: begin }: { readonly init: InitSegment; readonly newest: number; readonly start: number }): void {
    const to = Math.max(newest, begin);
    const isForAll = to - state.shownAt >= PICTURE_EVERY;
    const cutEvery = Math.max(SEGMENT, this.gop.bytes / MOST_BYTES);
    if (this.gop.chunks.length === 0 || (!isForAll && to - state.cutAt < cutEvery)) return;
    if (!(isForAll ? this.#picturesLeft : this.#cutsLeft).afford(1)) return;
    const isFirst = state.shownAt === -Infinity;
    const start = Math.max(state.end ?? begin, isFirst ? 0 : to);
    const chunks = this.writerOf(init).picture(this.gop, { start, shownAt: to, lasts: PICTURE_EVERY + PICTURE_SPARE });
    state.cutAt = to;
    if (isForAll) state.shownAt = to;
    for (const chunk of chunks) {
      state.end = chunk.end;
      const again = { ...chunk, standsIn: true } as const;
      if (isForAll) this.#sink.chunk(again);
      else this.#sink.again(again);
    }
  }
}
