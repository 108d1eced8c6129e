import type { ChunkWindow } from './chunk-window';

/**
 * What one viewer was sent of an epoch, and what it has acknowledged. Its lag is the age of the oldest write that it
 * hasn't acknowledged: not a difference of media times, which a newcomer's cached GOP, a fast push or a jump in timestamps
 * would upset.
 */
export class Receipts {
  #sent = 0;
  #acknowledged = 0;
  /** When the oldest write without a receipt was made, monotonic ms. */
  #oldest: number | undefined;
  /** Media that was old when it was written, the oldest write first: it is as old as its write, however old its chunks are. */
  #bursts: { readonly until: number; readonly at: number }[] = [];

  /** End of what was sent: a position. */
  get sent(): number {
    return this.#sent;
  }

  /** Whether everything that was sent has arrived. */
  get complete(): boolean {
    return this.#oldest === undefined;
  }

  /** Begins anew at `position`, with nothing on its way. */
  begin(position: number): void {
    this.#sent = position;
    this.#acknowledged = position;
    this.#oldest = undefined;
    this.#bursts = [];
  }

  /** Notes that the newest media up to `position` was written at `now`. */
  write(position: number, now: number): void {
    this.#sent = position;
    this.#oldest ??= now;
  }

  /** Notes that media up to `position`, which may be old, was written at `now`. */
  writeBurst(position: number, now: number): void {
    this.write(position, now);
    this.#bursts.push({ until: position, at: now });
  }

  /** Notes that what follows begins at `position`: nothing of what is before it is on its way, except what was written. */
  skipTo(position: number): void {
    this.#sent = position;
  }

  /**
   * Takes the receipt of everything up to `position`. One that goes backwards, or ahead of what was sent, says nothing: false.
   * `window` is that of the epoch; once that is over, what is still on its way counts as no younger than it was.
   */
  take(position: number, window: ChunkWindow | undefined): boolean {
    if (position > this.#sent || position < this.#acknowledged) return false;
    this.#acknowledged = position;
    this.#oldest = position === this.#sent ? undefined : this.#writtenBehind(position, window);
    return true;
  }

  /** Notes that everything has arrived. */
  takeAll(): void {
    this.#acknowledged = this.#sent;
    this.#oldest = undefined;
    this.#bursts = [];
  }

  /** Age of the oldest write without a receipt, ms; 0 if there is none. */
  lag(now: number): number {
    return this.#oldest === undefined ? 0 : now - this.#oldest;
  }

  #writtenBehind(position: number, window: ChunkWindow | undefined): number | undefined {
    this.#bursts = this.#bursts.filter(({ until }) => until > position);
    const [burst] = this.#bursts;
    if (burst !== undefined) return burst.at;
    return window === undefined ? this.#oldest : window.behind(position)?.at;
  }
}
