import type { Chunk, Track } from '../media/chunk';

/** How much of what is known of the gaps of a track is left after a second of its media. */
const MEMORY = 0.97;
/** Longer stops, seconds, don't make it longer until the next one is reported. */
const LONGEST_ABSENCE = 20;

/** What is known of one track of an epoch. Times are in seconds of media. */
export class TrackState {
  readonly track: Track;
  /** Where its media ends, that of the bridge included; undefined before there is some. */
  end: number | undefined;
  /** The longest time without any of it lately, while the other went on. */
  usual = 0;
  /** When it was found to be late, monotonic ms, and where the newest of the other track ended then. */
  lateSince: { readonly now: number; readonly newest: number } | undefined;
  stopped = false;
  /** Whether that has been reported. */
  told = false;
  /** What has come since for which the bridge already stands. */
  late = 0;
  /** When its last picture was sent anew to all, and to HLS; of video. */
  shownAt = 0;
  cutAt = 0;
  /** Where its own media ends. */
  #ownEnd: number | undefined;
  /** The longest stop lately from which it came back. */
  #absence = 0;

  constructor(track: Track) {
    this.track = track;
  }

  /** Whether a chunk has some of it. */
  isIn({ spans }: Chunk): boolean {
    return spans.some(({ trackId }) => trackId === this.track.id);
  }

  /** Where its part of a chunk begins. */
  startIn({ spans, start }: Chunk): number {
    const span = spans.find(({ trackId }) => trackId === this.track.id);
    return span === undefined ? start : span.time / this.track.timescale;
  }

  endIn({ spans, end }: Chunk): number {
    const span = spans.find(({ trackId }) => trackId === this.track.id);
    return span === undefined ? end : (span.time + span.duration) / this.track.timescale;
  }

  /** A chunk of it is passed on; the other track has come up to `newest`. */
  advance(chunk: Chunk, newest: number): void {
    const end = this.endIn(chunk);
    const left = MEMORY ** Math.max(0, end - (this.#ownEnd ?? end));
    this.usual = Math.max(this.usual * left, newest - (this.end ?? newest));
    this.#absence = Math.min(LONGEST_ABSENCE, Math.max(this.#absence * left, newest - (this.#ownEnd ?? newest)));
    this.end = Math.max(this.end ?? -Infinity, end);
    this.#ownEnd = end;
    this.lateSince = undefined;
  }

  /** Whether it has been away for so much longer than lately that this is news; the other has come up to `newest`. */
  isNewsAt(newest: number, more: number): boolean {
    return newest - (this.#ownEnd ?? newest) >= this.#absence * more;
  }

  /** It has stopped. */
  stop(): void {
    this.stopped = true;
    this.lateSince = undefined;
    this.shownAt = this.cutAt = -Infinity;
  }

  /** It goes on. */
  goOn(): void {
    this.stopped = this.told = false;
    this.late = 0;
  }

  /** An epoch begins; what is known of its gaps stays, and so does whether it has stopped. */
  beginEpoch(): void {
    this.end = this.#ownEnd = this.lateSince = undefined;
    this.late = 0;
    this.shownAt = this.cutAt = -Infinity;
  }
}
