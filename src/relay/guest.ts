import type { SluiceError } from '../protocol/error-code';
import type { ViewerInfo, ViewerReport } from '../protocol/viewer-info';

/** What a guest needs of its stream and of its door. */
export interface GuestOptions {
  readonly address: string;
  /** When it came, Unix ms. */
  readonly since: number;
  /** Lets its door serve it no longer. */
  readonly disconnect: (error: SluiceError) => void;
  /** It tells how late its picture is, seconds. */
  readonly reportLatency: (latency: number) => void;
  /** It has gone. */
  readonly left: () => void;
}

/** A viewer that its door serves from what is held, so that no `Viewer` stands for it: one over HLS. */
export class Guest {
  /** Opaque, unique over restarts. */
  readonly id: string = crypto.randomUUID();
  readonly #options: GuestOptions;
  #report: ViewerReport = {};
  #gone = false;

  constructor(options: GuestOptions) {
    this.#options = options;
  }

  /** What the API tells of it. */
  get info(): ViewerInfo {
    const { address, since } = this.#options;
    return { ...this.#report, id: this.id, transport: 'hls', address, since, state: 'open', skips: 0, skippedBytes: 0 };
  }

  /** Takes what it says of its own experience, in place of what it said before. */
  report(report: ViewerReport): void {
    this.#report = report;
    if (report.latency !== undefined && !this.#gone) this.#options.reportLatency(report.latency);
  }

  /** Serves it no longer. */
  fail(error: SluiceError): void {
    this.#options.disconnect(error);
  }

  /** It is gone. May be called twice. */
  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#options.left();
  }
}
