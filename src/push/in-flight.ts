/** Bytes that may be on their way before the relay has confirmed any: what a link takes in the first moment. */
const FIRST_WINDOW = 512 * 1024;
/** Seconds of what the relay takes that may be on their way. */
const WINDOW_TIME = 2;

/** What of a connection's bytes the relay hasn't confirmed yet: what waits in this machine's kernel, in proxies, on the way. */
export class InFlight {
  readonly #writes: { readonly end: number; readonly at: number }[] = [];
  #sent = 0;
  #confirmed = 0;
  #confirmedAt: number | undefined;
  /** Bytes a second that the relay takes, as far as was seen. */
  #rate = 0;

  /** Bytes written so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Bytes that the relay has confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** So many bytes are written now. */
  write(size: number, now: number): void {
    this.#sent += size;
    this.#confirmedAt ??= now;
    this.#writes.push({ end: this.#sent, at: now });
  }

  /** The relay has all up to there. */
  confirm(bytes: number, now: number): void {
    const time = (now - (this.#confirmedAt ?? now)) / 1000;
    if (time > 0) this.#rate = Math.max((bytes - this.#confirmed) / time, this.#rate * 0.8);
    this.#confirmed = Math.min(bytes, this.#sent);
    this.#confirmedAt = now;
    while (this.#writes[0] !== undefined && this.#writes[0].end <= this.#confirmed) this.#writes.shift();
  }

  /** Age of the oldest write that isn't confirmed, ms. */
  lag(now: number): number {
    const [oldest] = this.#writes;
    return oldest === undefined ? 0 : now - oldest.at;
  }

  /** Whether more may be written: so much is on its way that the relay takes in 2 s, and no more. */
  get hasRoom(): boolean {
    return this.#sent - this.#confirmed < Math.max(FIRST_WINDOW, this.#rate * WINDOW_TIME);
  }
}
