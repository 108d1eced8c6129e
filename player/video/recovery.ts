/** So many failures within this time are too many, ms of what was played. */
const MAX_FAILURES = 3;
const FAILURE_MEMORY = 60_000;

/**
 * Knows what has gone wrong of late, and says what to do about the next. Times are those of a `PlayedTime`, ms: by the time of day,
 * a slow machine could take so long to begin anew that each failure is forgotten before the next, and begin anew for ever. Pure.
 */
export class Recovery {
  #failures: number[] = [];
  #frozenAt = -Infinity;
  #underWay = false;
  #gaveUp = false;

  /** What to do as media can't be played: nothing while that is being mended, for one failure is told by the video and by its buffer. */
  afterFailure(now: number): 'restart' | 'give-up' | undefined {
    if (this.#underWay) return undefined;
    this.#underWay = true;
    this.#failures = [...this.#failures.filter((at) => now - at < FAILURE_MEMORY), now];
    this.#gaveUp = this.#failures.length >= MAX_FAILURES;
    return this.#gaveUp ? 'give-up' : 'restart';
  }

  /** Whether the newest failure came soon after another: the restart didn't mend that. */
  get isRepeated(): boolean {
    return this.#failures.length > 1;
  }

  /** There is something else to play. What comes after a player has given up gets one restart, so that media that is as bad makes no loop. */
  epochBegan(): void {
    if (this.#gaveUp) this.#failures = this.#failures.slice(-1);
    this.#gaveUp = false;
  }

  /** What to do as the picture stands while time goes on: a seek, and if that hasn't helped, a new media source. */
  afterFreeze(now: number): 'seek' | 'restart' {
    const again = now - this.#frozenAt < FAILURE_MEMORY;
    this.#frozenAt = again ? -Infinity : now;
    if (!again) return 'seek';
    this.#underWay = true;
    return 'restart';
  }

  /** A new media source is there. */
  restarted(): void {
    this.#underWay = false;
  }

  /** The player has given up: nothing is to be mended. */
  stop(): void {
    this.#underWay = true;
  }
}
