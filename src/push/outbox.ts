import type { Chunk, InitSegment } from '../media/chunk';

/** A chunk on its way to the relay. */
interface Parcel {
  readonly chunk: Chunk;
  /** What it stands behind. */
  readonly init: InitSegment;
  /** When it came from ffmpeg, ms. */
  readonly at: number;
}

interface OutboxOptions {
  /** Bytes that are held at most: what waits, and what a new connection would begin with. */
  readonly maxBytes: number;
}

/** What was left out of a live stream that was too late. */
export interface Dropped {
  readonly gops: number;
  readonly seconds: number;
}

/**
 * What waits to be sent, behind what has been sent and isn't confirmed yet, from a join point on: a new connection begins
 * there. Its bound is `maxBytes`; at the bound, what is sent is forgotten first, and then the oldest GOPs are dropped.
 */
export class Outbox {
  readonly #maxBytes: number;
  readonly #parcels: Parcel[] = [];
  /** Offset of the end of each parcel that has been sent, in the bytes of its connection. */
  readonly #ends: number[] = [];
  #bytes = 0;
  /** How many of them have been sent. */
  #sentBytes = 0;
  #init: InitSegment | undefined;
  /** Whether what comes is of no use before the next join point. */
  #needsJoin = false;
  #gops = 0;
  #seconds = 0;

  constructor({ maxBytes }: OutboxOptions) {
    this.#maxBytes = maxBytes;
  }

  /** The next to send. */
  get head(): Parcel | undefined {
    return this.#parcels[this.#ends.length];
  }

  /** Media that waits, seconds. */
  get waiting(): number {
    const { head } = this;
    const last = this.#parcels.at(-1);
    return head === undefined || last === undefined ? 0 : Math.max(0, last.chunk.end - head.chunk.start);
  }

  /** Whether so much waits that no more should come. */
  get isFull(): boolean {
    return this.#bytes - this.#sentBytes >= this.#maxBytes / 2;
  }

  /** What was dropped so far. */
  get dropped(): Dropped {
    return { gops: this.#gops, seconds: this.#seconds };
  }

  /** What follows stands behind this. */
  begin(init: InitSegment): void {
    this.#init = init;
  }

  add(chunk: Chunk, at: number): void {
    if (this.#init === undefined) return;
    if (this.#needsJoin && !chunk.joinable) {
      this.#count(chunk);
      return;
    }
    this.#needsJoin = false;
    this.#parcels.push({ chunk, init: this.#init, at });
    this.#bytes += chunk.bytes.length;
    while (this.#bytes > this.#maxBytes) {
      if (this.#ends.length > 0) this.#forget(this.#ends.length);
      else if (!this.dropGop()) this.#dropAll();
    }
  }

  /** The head has been written; `end` is the offset of its end in the connection's bytes. */
  sent(end: number): void {
    this.#sentBytes += this.head?.chunk.bytes.length ?? 0;
    this.#ends.push(end);
  }

  /** The relay has the connection's bytes up to there: what a new connection wouldn't begin with is forgotten. */
  confirm(bytes: number): void {
    const done = this.#ends.filter((end) => end <= bytes).length;
    let join = -1;
    for (let at = 0; at < Math.min(done + 1, this.#parcels.length); at++) if (this.#parcels[at]?.chunk.joinable === true) join = at;
    if (join > 0) this.#forget(Math.min(join, this.#ends.length));
  }

  /** The connection is lost: the next begins with the join point before what the relay has not confirmed. */
  rewind(): void {
    this.#ends.length = 0;
    this.#sentBytes = 0;
    const join = this.#parcels.findIndex(({ chunk }) => chunk.joinable);
    if (join < 0) this.#dropAll();
    else if (join > 0) this.#forget(join);
  }

  /**
   * Drops what waits up to the next join point behind its head.
   * Returns whether it could: the newest GOP is dropped only where its beginning has been sent, and it is late in the middle.
   */
  dropGop(): boolean {
    const first = this.#ends.length;
    const join = this.#parcels.findIndex(({ chunk }, at) => at > first && chunk.joinable);
    if (join < 0) {
      if (this.head === undefined || this.head.chunk.joinable) return false;
      this.#drop(this.#parcels.length - first);
      this.#needsJoin = true;
      return true;
    }
    this.#drop(join - first);
    return true;
  }

  /** Drops all that waits, for it will never be sent. */
  discard(): void {
    for (const { chunk } of this.#parcels.splice(this.#ends.length)) this.#bytes -= chunk.bytes.length;
    this.#needsJoin = true;
  }

  #dropAll(): void {
    this.#drop(this.#parcels.length - this.#ends.length);
    this.#needsJoin = true;
  }

  #drop(count: number): void {
    const gone = this.#parcels.splice(this.#ends.length, count);
    for (const { chunk } of gone) {
      this.#bytes -= chunk.bytes.length;
      this.#count(chunk);
    }
    if (gone.length > 0) this.#gops++;
  }

  /** Time is that of the picture, or of the sound where there is no picture. */
  #count({ hasVideo, joinable, start, end }: Chunk): void {
    if (hasVideo || joinable) this.#seconds += end - start;
  }

  #forget(count: number): void {
    const sent = this.#ends.splice(0, count).length;
    for (const [at, { chunk }] of this.#parcels.splice(0, count).entries()) {
      this.#bytes -= chunk.bytes.length;
      if (at < sent) this.#sentBytes -= chunk.bytes.length;
    }
  }
}
