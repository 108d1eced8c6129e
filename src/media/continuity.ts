import type { Chunk, InitSegment, TrackSpan } from './chunk';
import type { MediaSink } from './container-parser';

/** Seconds that times may go back, as they do where a muxer rounds them, before it is a jump. */
const BACK = 0.5;
/** Seconds that times may go forward: what the relay retains of a stream. */
const FORWARD = 10;
/** Seconds of audio on another timeline after which it decides, if no video has come meanwhile: more than a piece of a coarse file has. */
const AUDIO_DECIDES = 4;

/** Takes media whose times go on within each epoch. */
interface ContinuitySink extends MediaSink {
  /** Times have jumped by so many seconds, back if negative: a new epoch begins. */
  jumped(seconds: number): void;
}

/**
 * Begins a new epoch where times jump, and none where the init segment is the same as before: players follow times that go on, and
 * a new epoch costs viewers without messages their connection.
 *
 * Video decides, or audio where there is no video, or none comes any more. Audio that is on another timeline than the video is dropped:
 * its packets come a little before or after the video that jumps with them, and a player can't play both.
 */
export class Continuity implements MediaSink {
  readonly #sink: ContinuitySink;
  #init: InitSegment | undefined;
  /** Where each track of this timeline ends, seconds. */
  readonly #ends = new Map<number, number>();
  /** Where its newest part begins: how long that lasts may be a guess. */
  readonly #starts = new Map<number, number>();
  /** Seconds of audio that were dropped since the newest video. */
  #dropped = 0;

  constructor(sink: ContinuitySink) {
    this.#sink = sink;
  }

  init(segment: InitSegment): void {
    if (this.#init !== undefined && isSame(this.#init.bytes, segment.bytes)) return;
    this.#begin(segment);
  }

  chunk(chunk: Chunk): void {
    const init = this.#init;
    const lead = init && leadOf(init, chunk);
    if (init === undefined || lead === undefined) return;
    const decides = chunk.hasVideo || !init.tracks.some(({ kind }) => kind === 'video');
    const jump = this.#jumpOf(lead.trackId, chunk.start);
    if (decides) this.#dropped = 0;
    else if (jump !== undefined && (this.#dropped += Math.max(0, chunk.end - chunk.start)) < AUDIO_DECIDES) return;
    if (jump !== undefined) {
      this.#sink.jumped(jump);
      this.#begin(init);
    }
    for (const { trackId, time, duration } of chunk.spans) {
      const timescale = init.tracks.find(({ id }) => id === trackId)?.timescale;
      if (timescale === undefined) continue;
      this.#starts.set(trackId, time / timescale);
      this.#ends.set(trackId, (time + duration) / timescale);
    }
    this.#sink.chunk(chunk);
  }

  #begin(segment: InitSegment): void {
    this.#init = segment;
    this.#dropped = 0;
    this.#ends.clear();
    this.#starts.clear();
    this.#sink.init(segment);
  }

  /** By how many seconds a track jumps that goes on at `start`; undefined if it doesn't. */
  #jumpOf(trackId: number, start: number): number | undefined {
    if (this.#ends.size === 0) return undefined;
    const newest = Math.max(...this.#ends.values());
    const end = this.#ends.get(trackId);
    const before = this.#starts.get(trackId);
    // Tracks need not begin together.
    const goesOn = start <= newest + FORWARD && start >= (before === undefined ? newest - FORWARD : before - BACK);
    return goesOn ? undefined : start - (end ?? newest);
  }
}

/** The part of the track whose times a chunk goes by. */
function leadOf({ tracks }: InitSegment, { spans, hasVideo }: Chunk): TrackSpan | undefined {
  if (!hasVideo) return spans[0];
  return spans.find(({ trackId }) => tracks.some(({ id, kind }) => id === trackId && kind === 'video'));
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
