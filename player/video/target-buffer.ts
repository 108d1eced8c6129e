import type { Arrivals } from './arrival-meter';
import type { SoundPath } from './sound-outlet';

/**
 * How much is held by the way that sound goes, where nothing asks for more. Seconds. With 0.1 Chromium's own sound runs dry within
 * seconds, and stands still for 0.4.
 */
const BASE: Record<SoundPath, number> = { none: 0.06, silence: 0.02, element: 0.13, 'web-audio': 0.05 };
/** How much has to be left when the next media comes. */
const FLOOR: Record<SoundPath, number> = { none: 0.035, silence: 0.005, element: 0.095, 'web-audio': 0.03 };
/** What a number that was asked for is raised to: half the media that comes at once, and this. */
const LEAST = 0.02;
/** Jitter beyond this is an outage. */
const MAX_JITTER = 2;
/** It comes down by so much a second, and by that share of what is too much. */
const FALL = 0.02;
const FALL_SHARE = 0.1;
/** Having run dry adds this, and at least a half of what was added before, up to a bound: a network that is too slow is not helped by more. */
const FIRST_EXTRA: Record<SoundPath, number> = { none: 0.02, silence: 0.02, element: 0.05, 'web-audio': 0.03 };
const MAX_EXTRA = 0.3;
/**
 * So soon after it has run dry, or the picture has jumped, seconds, running dry teaches nothing: what was added is not there yet; and in
 * the first half second behind a seek Chromium's decoder was seen to run dry again and again, for a few ms each.
 */
const LESSON = 2;
const WARM_UP = 1.5;
/** After so many seconds without running dry, what was added goes again, by `EXTRA_FALL` a second; each time that it was needed again soon, later. */
const CALM = 30;
const MAX_CALM = 240;
const EXTRA_FALL = 0.01;

/** How much media should lie ahead of the picture, on average: as little as the way that media comes allows. Seconds. Pure. */
export class TargetBuffer {
  readonly #base: number;
  readonly #firstExtra: number;
  /** What should be left at the least when the next media comes. */
  readonly floor: number;
  /** A number that was asked for. */
  readonly #fixed: number | undefined;
  #held: number;
  #extra = 0;
  #calm = CALM;
  #dryAt = -Infinity;
  #learnsFrom = -Infinity;
  #now = -Infinity;

  /** @param options `fixed`: seconds, in place of what it would find. */
  constructor({ sound, fixed }: { sound: SoundPath; fixed?: number | undefined }) {
    this.#base = BASE[sound];
    this.#firstExtra = FIRST_EXTRA[sound];
    this.floor = FLOOR[sound];
    this.#fixed = fixed;
    this.#held = fixed ?? this.#base;
  }

  /** As it was found last. */
  get seconds(): number {
    return this.#held;
  }

  /** Finds it anew: it grows at once, and comes down slowly. */
  update(now: number, arrivals: Arrivals | undefined): number {
    const past = Math.min(1, Math.max(0, now - this.#now));
    this.#now = now;
    if (now - this.#dryAt > this.#calm) this.#extra = Math.max(0, this.#extra - EXTRA_FALL * past);
    const wanted = this.#wanted(arrivals);
    const fall = (FALL + FALL_SHARE * (this.#held - wanted)) * past;
    this.#held = this.#fixed === undefined ? Math.max(wanted, this.#held - fall) : wanted;
    return this.#held;
  }

  /** The picture jumps. */
  jumped(now: number): void {
    this.#learnsFrom = Math.max(this.#learnsFrom, now + WARM_UP);
  }

  /** The player has run dry. */
  ranDry(now: number): void {
    if (now < this.#learnsFrom) return;
    this.#learnsFrom = now + LESSON;
    const soon = now - this.#dryAt < 3 * this.#calm;
    this.#calm = soon ? Math.min(MAX_CALM, 2 * this.#calm) : CALM;
    this.#dryAt = now;
    this.#extra = Math.min(MAX_EXTRA, this.#extra + Math.max(this.#firstExtra, this.#extra / 2));
  }

  #wanted(arrivals: Arrivals | undefined): number {
    const half = (arrivals?.interval ?? 0) / 2;
    if (this.#fixed !== undefined) return Math.max(this.#fixed, half + LEAST);
    return Math.max(this.#base, this.floor + half + Math.min(MAX_JITTER, arrivals?.jitter ?? 0)) + this.#extra;
  }
}
