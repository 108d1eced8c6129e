/** What the player sees of itself. Seconds, of the presentation. */
export interface FollowerView {
  readonly position: number;
  /** The live edge: up to here all tracks have come. */
  readonly edge: number;
  /** Where the media that is there around `position`, or else next behind it, begins; undefined if there is none. */
  readonly from: number | undefined;
  /** How long the next chunk may be in coming. */
  readonly interval: number;
  /** Milliseconds, monotonic. */
  readonly now: number;
}

/** What the player should do. */
export interface FollowerAdvice {
  /** Go there at once. */
  readonly seek?: number;
  readonly rate: number;
}

/** What is held at least when the next chunk comes, seconds: below, Chromium's sound starves. */
const FIRST_TARGET = { sound: 0.15, silent: 0.08 };
const MAX_TARGET = 1.5;
/** After that long without running dry the target comes down a step, ms. */
const CALM = 30_000;
/** Over this much more than the target the player hurries; below a quarter of it it no longer does. */
const SLACK = 0.12;
/** Over this much more, and more than chunks are apart, it jumps. */
const JUMP = 1.5;
/** The same right after the start, when a jump is hardly seen. */
const FIRST_JUMP = 0.3;
const HURRY = 1.06;
/** How long the low-water mark counts, ms, but never less than two chunks are apart. */
const MEMORY = 1_500;
/** How long after a seek nothing is judged, ms. */
const SETTLE = 500;

/**
 * Keeps the player near the live edge by its low-water mark: what is still there when the next chunk comes. That is right
 * whether chunks are frames or whole GOPs. It hurries a little to come nearer, jumps where it is far, and holds more
 * after it has run dry.
 */
export class LiveFollower {
  readonly #least: number;
  #target: number;
  #hurrying = false;
  #lows: { readonly at: number; readonly ahead: number }[] = [];
  #changedAt = 0;
  #settledAt = 0;
  /** Whether the place where it began hasn't been judged yet. */
  #fresh = true;

  /** @param options `sound`: whether there is some. */
  constructor({ sound }: { sound: boolean }) {
    this.#least = sound ? FIRST_TARGET.sound : FIRST_TARGET.silent;
    this.#target = this.#least;
  }

  /** What it tries to hold at least, seconds. */
  get target(): number {
    return this.#target;
  }

  /** Where to begin, seconds. */
  start(view: Omit<FollowerView, 'position'>): number {
    this.#forget(view.now);
    this.#fresh = true;
    return this.#startOf(view);
  }

  /** The player has run dry: it holds more from now on. */
  ranDry(now: number): void {
    this.#target = Math.min(this.#target * 1.5, MAX_TARGET);
    this.#changedAt = now;
    this.#forget(now);
  }

  /** Call whenever something may have changed, and before media is appended. */
  advise(view: FollowerView): FollowerAdvice {
    this.#calmDown(view.now);
    const { position, edge, from, interval, now } = view;
    if (from !== undefined && position < from) return this.#seek(view);
    if (now < this.#settledAt) return { rate: this.#rate };
    const memory = Math.max(MEMORY, interval * 2_000);
    this.#lows.push({ at: now, ahead: edge - position });
    while ((this.#lows[0]?.at ?? now) < now - memory) this.#lows.shift();
    const low = Math.min(...this.#lows.map(({ ahead }) => ahead));
    const known = now - (this.#lows[0]?.at ?? now) > memory / 2;
    const jump = known && this.#fresh ? FIRST_JUMP : JUMP;
    if (known) this.#fresh = false;
    if (low > this.#target + Math.max(jump, interval * 1.5)) return this.#seek(view);
    if (low < this.#target + SLACK / 4) this.#hurrying = false;
    else if (known && low > this.#target + SLACK) this.#hurrying = true;
    return { rate: this.#rate };
  }

  get #rate(): number {
    return this.#hurrying ? HURRY : 1;
  }

  #seek(view: FollowerView): FollowerAdvice {
    this.#forget(view.now);
    return { rate: 1, seek: this.#startOf(view) };
  }

  #startOf({ edge, from, interval }: Omit<FollowerView, 'position'>): number {
    return Math.max(edge - this.#target - interval, from ?? 0);
  }

  #forget(now: number): void {
    this.#lows = [];
    this.#hurrying = false;
    this.#settledAt = now + SETTLE;
  }

  #calmDown(now: number): void {
    if (now - this.#changedAt < CALM) return;
    this.#changedAt = now;
    this.#target = Math.max(this.#least, this.#target / 1.25);
  }
}
