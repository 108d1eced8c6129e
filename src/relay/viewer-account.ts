import type { ViewerInfo, ViewerReport, ViewerTransport } from '../protocol/viewer-info';
import type { RelayTotals } from './relay-totals';

/** Who a viewer is. */
export interface ViewerIdentity {
  /** The door by which it came. */
  readonly transport: ViewerTransport;
  /** For people. */
  readonly address: string;
  /** When it came, Unix ms. */
  readonly since: number;
}

/** How a viewer is at a moment, which only its state machine knows. */
export interface ViewerMoment {
  readonly state: ViewerInfo['state'];
  /** Position up to which it was sent its epoch. */
  readonly sent: number;
  /** Seconds; undefined where nothing reports what has arrived. */
  readonly lag: number | undefined;
}

/**
 * The accounts of one viewer: who it is, what it was sent and what was skipped, and what it reports. They are added to those of the relay.
 * Nothing is counted for each message: what was sent follows from positions.
 */
export class ViewerAccount {
  /** Opaque, unique over restarts. */
  readonly id: string = crypto.randomUUID();
  readonly #identity: ViewerIdentity;
  readonly #totals: RelayTotals;
  /** Media bytes of earlier epochs that it was sent. */
  #sentBefore = 0;
  /** Where in its epoch it began, or would have if nothing had been left out. */
  #sentFrom = 0;
  #skippedBytes = 0;
  #skips = 0;
  #shutAt = 0;
  /** What it said of itself last. */
  #report: ViewerReport = {};

  constructor(identity: ViewerIdentity, totals: RelayTotals) {
    this.#identity = identity;
    this.#totals = totals;
  }

  get transport(): ViewerTransport {
    return this.#identity.transport;
  }

  /** What the API says of it. */
  infoAt({ state, sent, lag }: ViewerMoment): ViewerInfo {
    const { transport, address, since } = this.#identity;
    return {
      ...this.#report,
      id: this.id,
      transport,
      address,
      since,
      state,
      ...(lag !== undefined && { lag }),
      skips: this.#skips,
      skippedBytes: this.#skippedBytes,
      sentBytes: this.#sentBytes(sent),
    };
  }

  /** Takes what it says of its own experience. */
  report({ latency, firstFrame, buffer, stalls, dropped }: ViewerReport): void {
    this.#report = {
      ...(latency !== undefined && { latency }),
      ...(firstFrame !== undefined && { firstFrame }),
      ...(buffer !== undefined && { buffer }),
      ...(stalls !== undefined && { stalls }),
      ...(dropped !== undefined && { dropped }),
    };
  }

  /** It begins at `position` of an epoch; it was sent the one before up to `sent`. */
  began(position: number, sent: number): void {
    this.#sentBefore = this.#sentBytes(sent);
    this.#sentFrom = position;
  }

  /** It goes on `bytes` later, because it was behind, or because there is nothing to begin with before: then it has missed nothing. */
  leftOut(bytes: number, { missed }: { missed: boolean }): void {
    this.#sentFrom += bytes;
    if (!missed) return;
    this.#skips++;
    this.#skippedBytes += bytes;
    this.#totals.skips++;
    this.#totals.skippedBytes += bytes;
  }

  /** It is behind: nothing is sent to it from now on, monotonic ms. */
  shut(now: number): void {
    this.#shutAt = now;
    this.#totals.shuts++;
  }

  /** It was shut until now. */
  shutUntil(now: number): void {
    this.#totals.shutTime += now - this.#shutAt;
    this.#shutAt = now;
  }

  /** What there was from where it began, without what was left out. */
  #sentBytes(sent: number): number {
    return this.#sentBefore + sent - this.#sentFrom;
  }
}
