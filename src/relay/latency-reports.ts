/** How long a report counts, ms: players send one every five seconds. */
const LIFETIME = 12_000;
/** How many reports are kept: enough for a median, however many watch. */
const MOST = 101;
/** What is taken for a latency, seconds; anything else is a clock gone wrong, or a lie. */
const LONGEST = 60;

interface Report {
  readonly latency: number;
  readonly at: number;
}

/** The latencies that the viewers of one stream report, as its publisher is told them. */
export class LatencyReports {
  #reports: Report[] = [];

  /** @param latency seconds from capture to picture. @param now ms. */
  add(latency: number, now: number): void {
    if (!(latency >= 0 && latency <= LONGEST)) return;
    this.#reports.push({ latency, at: now });
    if (this.#reports.length > MOST) this.#reports.shift();
  }

  /** Seconds; undefined where nobody has reported lately. */
  median(now: number): number | undefined {
    this.#reports = this.#reports.filter(({ at }) => now - at <= LIFETIME);
    const latencies = this.#reports.map(({ latency }) => latency).sort((a, b) => a - b);
    return latencies[latencies.length >> 1];
  }

  /** A new timeline has begun: what was said of the old one is over. */
  clear(): void {
    this.#reports = [];
  }
}
