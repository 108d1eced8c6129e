import type { Clock } from '../relay/clock';

/** Lines of the muxer `framecrc`: ticks a second, and a packet of an absent track. */
const TIME_BASE = /^#tb \d+: (\d+)\/(\d+)/;
const PACKET = /^\d+, +(-?\d+), /;
/** ffmpeg has moved all times, by so many µs; one line of many versions, with the number of the stream before or after the word. */
const MENDED = /\btimestamp discontinuity .*?\): (-?\d+), new offset=/;
/** How often that is reported, ms: playlists of HLS may jump with every segment. */
const MENDED_PAUSE = 10_000;
/** ffmpeg has replaced the time of a packet. */
const TIME_OFF = /\bDTS -?\d+, next: ?-?\d+ .*invalid dropping/;
/** So many packets whose times are off are a jump, and not a few bad packets. */
const MANY = 50;
/** A slow camera doesn't send so many: after so long, ms, fewer are enough. */
const LONG = 1_000;
const FEW = 4;
/** Packets that are off by more than this from the one before, ms, are no part of the same jump. */
const PAUSE = 2_000;

/** What ffmpeg prints of its input for which it has to be started again. `time` is the position of the input, seconds. */
export type InputChange = { readonly type: 'track-came'; readonly time: number } | { readonly type: 'times-jumped' };
/** ffmpeg has moved the times of an input that have jumped by so many seconds, back if negative: they go on. */
export interface MendedJump {
  readonly type: 'times-mended';
  readonly seconds: number;
}

/** Why ffmpeg has to be started again: also since no keyframe has come for too long of a video that is copied. */
export type RunChange = InputChange | { readonly type: 'keyframe-missing'; readonly time: number };

/** Reads what ffmpeg prints while it reads an input, and finds what ffmpeg can't go on with by itself. */
export class InputWatch {
  readonly #clock: Clock;
  /** Of the absent track, seconds. */
  #tick = 0;
  #count = 0;
  #firstAt = 0;
  #lastAt = 0;
  #mendedAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a line that ffmpeg has printed, and returns what it means. */
  read(line: string): InputChange | MendedJump | undefined {
    const [, numerator, denominator] = TIME_BASE.exec(line) ?? [];
    if (numerator !== undefined) this.#tick = Number(numerator) / Number(denominator);
    const [, dts] = PACKET.exec(line) ?? [];
    if (dts !== undefined) return { type: 'track-came', time: Math.max(0, Number(dts) * this.#tick) };
    const [, moved] = MENDED.exec(line) ?? [];
    if (moved !== undefined) return this.#mended(Number(moved) / 1e6);
    return TIME_OFF.test(line) && this.#hasJumped() ? { type: 'times-jumped' } : undefined;
  }

  #mended(seconds: number): MendedJump | undefined {
    const now = this.#clock.now();
    if (now - this.#mendedAt < MENDED_PAUSE) return undefined;
    this.#mendedAt = now;
    return { type: 'times-mended', seconds };
  }

  #hasJumped(): boolean {
    const now = this.#clock.now();
    if (this.#count === 0 || now - this.#lastAt > PAUSE) {
      this.#count = 0;
      this.#firstAt = now;
    }
    this.#count++;
    this.#lastAt = now;
    return this.#count >= MANY || (this.#count >= FEW && now - this.#firstAt >= LONG);
  }
}
