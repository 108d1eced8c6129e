import type { ViewerReport } from '../protocol/viewer-info';
import type { ClientData } from './client-data';

/** How often a client's reports are passed on, ms: a little less than the five seconds in which players on sockets send them. */
const INTERVAL = 4_000;

/** Makes reports, as a player on a socket sends them, of what one client tells bit by bit with its requests. */
export class ClientReports {
  /** What holds until something else is said. */
  #lasting: Pick<ViewerReport, 'firstFrame' | 'stalls' | 'dropped'> = {};
  /** What holds just now. */
  #passing: Pick<ViewerReport, 'latency' | 'buffer'> = {};
  #dueAt: number;

  /** @param now when it came, ms: what is told while it begins says little. */
  constructor(now: number) {
    this.#dueAt = now + INTERVAL;
  }

  /** Takes what came with a request at `now`, ms. Gives a report if one is due. */
  take({ report, starved }: ClientData, now: number): ViewerReport | undefined {
    const { latency, buffer, ...lasting } = report;
    // Version 1 tells each time, version 2 how many there were.
    const stalls = starved && report.stalls === undefined ? { stalls: (this.#lasting.stalls ?? 0) + 1 } : {};
    this.#lasting = { ...this.#lasting, ...lasting, ...stalls };
    this.#passing = { ...this.#passing, ...(latency !== undefined && { latency }), ...(buffer !== undefined && { buffer }) };
    if (now < this.#dueAt) return undefined;
    const whole = { ...this.#lasting, ...this.#passing };
    if (Object.keys(whole).length === 0) return undefined;
    this.#dueAt = now + INTERVAL;
    this.#passing = {};
    return whole;
  }
}
