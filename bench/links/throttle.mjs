/** Lets so many bytes a second through (a token bucket). */
export class Throttle {
  #rate;
  #burst;
  #tokens = 0;
  #at;

  /** @param {{ rate: number, burst: number, now: number }} options Bytes a second, the most that may pass at once after a silence, and the time in ms. */
  constructor({ rate, burst, now }) {
    this.#rate = rate;
    this.#burst = burst;
    this.#at = now;
  }

  /**
   * How many of the wanted bytes may pass now. They count as passed.
   * @param {number} wanted
   * @param {number} now ms.
   */
  take(wanted, now) {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#rate) / 1000);
    this.#at = now;
    const taken = Math.min(wanted, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }
}
