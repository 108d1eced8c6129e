/** How long the bitrate is averaged over, ms. */
const SPAN = 4_000;

interface Mark {
  readonly at: number;
  /** Bytes up to here. */
  readonly total: number;
}

/**
 * How one connection gets on: what was handed to the socket against what the relay says it has received.
 * Receipts tell more than `bufferedAmount`, which is zero while megabytes wait below it.
 */
export class UploadMeter {
  #sent = 0;
  #received = 0;
  /** What was sent and isn't received, oldest first. */
  readonly #waiting: Mark[] = [];
  readonly #receipts: Mark[] = [];

  send(bytes: number, at: number): void {
    this.#sent += bytes;
    this.#waiting.push({ at, total: this.#sent });
  }

  /** @param total bytes that the relay has received on this connection. */
  receive(total: number, at: number): void {
    if (total <= this.#received) return;
    this.#received = total;
    while (this.#waiting[0] !== undefined && this.#waiting[0].total <= total) this.#waiting.shift();
    this.#receipts.push({ at, total });
    while (this.#receipts[0] !== undefined && this.#receipts[0].at < at - SPAN) this.#receipts.shift();
  }

  /** Age of the oldest media that the relay doesn't have yet, ms. */
  behind(now: number): number {
    return this.#waiting[0] === undefined ? 0 : now - this.#waiting[0].at;
  }

  /** Whether the relay has received anything in the last `span` ms. */
  moves(now: number, span: number): boolean {
    const last = this.#receipts.at(-1);
    return last !== undefined && now - last.at <= span;
  }

  /** Bits a second that arrived, over the last `span` ms, 4 s at most. */
  bitrate(now: number, span = SPAN): number {
    const last = this.#receipts.at(-1);
    const first = this.#receipts.find(({ at }) => last !== undefined && at >= last.at - span);
    if (first === undefined || last === undefined || last.at === first.at) return 0;
    // Without news the rate falls, rather than stay what it was.
    return ((last.total - first.total) * 8_000) / (Math.max(last.at, now - 1_000) - first.at);
  }
}
