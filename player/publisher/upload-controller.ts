/** Behind by more than this, beside the way itself, the upload is too slow, ms. The relay tells what it has every 250 ms. */
const SLOW = 600;
/** Behind by more than this, no frame is encoded until the upload has caught up, ms. */
const HOLD = 1_000;
/** Behind by less than this, it has caught up, ms. */
const CAUGHT_UP = 450;
/** How long one lowering has to show what it does before another, ms. */
const PATIENCE = 750;
/** How long there must be room before it goes up, and from step to step, ms. */
const STEP_TIME = 1_000;
/** What a slow upload is left of what it was seen to carry. */
const CUT = 0.8;
/** Steps up: where it was too slow before, small ones. */
const STEP = 1.4;
const CAREFUL_STEP = 1.07;
/** The part of a rate that was too much, from where on the steps are small; and how long that is remembered, ms. */
const NEAR = 0.8;
const MEMORY = 20_000;
/** What the picture isn't lowered below, bits a second. */
const LEAST = 120_000;
/** Below these parts of the wanted bitrate fewer frames are sent, so that each stays clear. */
const FRAME_SHARES: readonly (readonly [below: number, share: number])[] = [
  [0.12, 1 / 3],
  [0.25, 1 / 2],
];

/** How the upload gets on. */
export interface UploadSight {
  /** ms, monotonic. */
  readonly now: number;
  /** Age of the oldest media that the relay doesn't have, less the way itself, ms. */
  readonly lag: number;
  /** Bits a second that arrived lately, sound and all. */
  readonly received: number;
}

/** Says how much may be encoded, by how the upload gets on. Knows no clock but what it is told. */
export class UploadController {
  #most: number;
  #bitrate: number;
  #hold = false;
  #cutAt = -Infinity;
  #roomSince: number | undefined;
  #tooMuch: { readonly rate: number; readonly at: number } | undefined;

  /** @param bitrate of the picture that is wanted, bits a second. */
  constructor(bitrate: number) {
    this.#most = bitrate;
    this.#bitrate = bitrate;
  }

  /** Bits a second for the picture, now. */
  get bitrate(): number {
    return Math.round(this.#bitrate);
  }

  /** The part of the wanted frames that is sent, 0 to 1. */
  get frameShare(): number {
    const part = this.#bitrate / this.#most;
    return FRAME_SHARES.find(([below]) => part < below)?.[1] ?? 1;
  }

  /** Whether no frame is to be encoded until the upload has caught up. */
  get hold(): boolean {
    return this.#hold;
  }

  /** Another bitrate is wanted. What the upload was seen to carry still counts. */
  want(bitrate: number): void {
    this.#bitrate = this.#lowered ? Math.min(this.#bitrate, bitrate) : bitrate;
    this.#most = bitrate;
  }

  /** Another connection: nothing waits in it. */
  reconnected(): void {
    this.#hold = false;
    this.#roomSince = undefined;
  }

  /** To be told several times a second. */
  see({ now, lag, received }: UploadSight): void {
    this.#hold = lag > HOLD || (this.#hold && lag > CAUGHT_UP);
    if (lag > SLOW) this.#lower(now, received);
    else if (lag < CAUGHT_UP) this.#raise(now);
  }

  get #lowered(): boolean {
    return this.#bitrate < this.#most;
  }

  #lower(now: number, received: number): void {
    this.#roomSince = undefined;
    if (now - this.#cutAt < PATIENCE) return;
    this.#cutAt = now;
    this.#tooMuch = { rate: this.#bitrate, at: now };
    const carried = received > 0 ? Math.min(received, this.#bitrate) : this.#bitrate;
    this.#bitrate = Math.min(this.#most, Math.max(LEAST, carried * CUT));
  }

  #raise(now: number): void {
    this.#roomSince ??= now;
    if (!this.#lowered || now - this.#roomSince < STEP_TIME) return;
    this.#roomSince = now;
    if (this.#tooMuch !== undefined && now - this.#tooMuch.at > MEMORY) this.#tooMuch = undefined;
    const limit = this.#tooMuch?.rate ?? Infinity;
    const careful = this.#bitrate > NEAR * limit && this.#bitrate < limit * 1.05;
    const raised = this.#bitrate * (careful ? CAREFUL_STEP : STEP);
    const capped = careful || this.#bitrate > limit ? raised : Math.min(raised, Math.max(this.#bitrate * CAREFUL_STEP, NEAR * limit * 1.01));
    this.#bitrate = Math.min(this.#most, capped);
  }
}
