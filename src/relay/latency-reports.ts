/** How long a report counts, ms: players send one every five seconds. */
const LIFETIME = 12_000;
/** Of how many viewers a report is kept: enough for a median, however many watch. */
const MOST = 1_001;
/** The longest latency that is believed, seconds; anything else is a clock gone wrong, or a lie. */
const LONGEST = 60;

interface Report {
  readonly latency: number;
  readonly at: number;
}

/** The latencies that the viewers of one stream report, as its publisher is told them. Each viewer counts once, by its latest report. */
export class LatencyReports {
  /** By whoever sent it; the oldest comes first. */
  readonly #reports = new Map<object, Report>();

  /** How many are kept. */
  get size(): number {
    return this.#reports.size;
  }

  /** @param viewer whoever reports it. @param latency seconds from capture to picture. @param now ms. */
  add(viewer: object, latency: number, now: number): void {
    if (!(latency >= 0 && latency <= LONGEST)) return;
    this.#reports.delete(viewer);
    this.#reports.set(viewer, { latency, at: now });
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > MOST && oldest !== undefined) this.#reports.delete(oldest);
  }

  /** The viewer has gone. */
  remove(viewer: object): void {
    this.#reports.delete(viewer);
  }

  /** Seconds; undefined where nobody has reported lately. */
  median(now: number): number | undefined {
    for (const [viewer, { at }] of this.#reports) {
      if (now - at <= LIFETIME) break;
      this.#reports.delete(viewer);
    }
    const latencies = [...this.#reports.values()].map(({ latency }) => latency).sort((a, b) => a - b);
    return latencies[latencies.length >> 1];
  }

  /** A new timeline has begun: reports of the old one no longer count. */
  clear(): void {
    this.#reports.clear();
  }
}
