/** Keeps a phone from going dark, which would stop its camera, for as long as it is held. */
export class ScreenLock {
  #held = false;
  #lock: WakeLockSentinel | undefined;

  /** @param signal ends it, once it is held no more. */
  constructor(signal: AbortSignal) {
    // The browser lets go of it whenever the page is hidden.
    document.addEventListener('visibilitychange', () => void this.#take(), { signal });
  }

  /** May be called again and again. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    if (held) void this.#take();
    else void this.#lock?.release();
  }

  async #take(): Promise<void> {
    const wakeLock = (navigator as { wakeLock?: WakeLock }).wakeLock;
    if (!this.#held || wakeLock === undefined || document.visibilityState !== 'visible') return;
    // Refused when the battery is low: then the user has to keep the screen on.
    this.#lock = await wakeLock.request('screen').catch(() => undefined);
    if (!this.#isHeld()) await this.#lock?.release();
  }

  #isHeld(): boolean {
    return this.#held;
  }
}
