/** How media arrives. Seconds. */
export interface Arrivals {
  /**
   * When media comes, against its own time: the moment at which a piece was there, less the media time at which it begins.
   * The median of late; it means something only beside other times of the same clocks.
   */
  readonly lateness: number;
  /** How much later than that the late ones come. */
  readonly jitter: number;
  /** How much media comes at once, on average. */
  readonly interval: number;
}

/** Media of so many seconds, and of so many pieces at least, is remembered. */
const WINDOW = 10;
const MIN_PIECES = 8;
/** More pieces than that are as good as all: bounds memory and the work of sorting. */
const MAX_PIECES = 600;
/** Media that is fresher than any before by more than this ends a backlog: what came before it says nothing of the path. */
const FRESHER = 0.02;
/** What came so shortly before it, seconds, may be of the same backlog, and only a packet less fresh. */
const AT_ONCE = 0.05;
/** How often it is measured anew, seconds. */
const MEASURE = 0.2;
/** What differs by less is the same, seconds. */
const SAME = 0.001;
/** The share of waits that aren't too long. The others are outages: holding media against them costs more than they do. */
const PUNCTUAL = 0.98;

interface Piece {
  readonly at: number;
  readonly edge: number;
  readonly length: number;
  /** See `Arrivals.lateness`. */
  readonly late: number;
  /** Whether it ended a wait: it was later than the ones before and behind it. The others of a backlog tell nothing new. */
  peak: boolean;
}

/** Measures how regularly the live edge moves on: the jitter of network and encoder together. Pure. */
export class ArrivalMeter {
  #pieces: Piece[] = [];
  #edge: number | undefined;
  #known: Arrivals | undefined;
  #knownAt = 0;

  /**
   * Takes notice of a live edge.
   * @param now seconds, of a monotonic clock.
   * @param edge media time up to which all has come, seconds.
   */
  arrived(now: number, edge: number): void {
    const before = this.#edge;
    this.#edge = edge;
    if (before === undefined || edge <= before) {
      if (before !== undefined && edge < before) this.#clear();
      return;
    }
    if (this.#pieces.every((piece) => now - piece.at < AT_ONCE || now - edge < piece.at - piece.edge - FRESHER)) this.#clear();
    const last = this.#pieces.at(-1);
    const late = now - before;
    const peak = last === undefined || late > last.late - SAME;
    if (last !== undefined && late > last.late + SAME) last.peak = false;
    this.#pieces.push({ at: now, edge, length: edge - before, late, peak });
    while (this.#pieces.length > MIN_PIECES && ((this.#pieces[0]?.at ?? now) < now - WINDOW || this.#pieces.length > MAX_PIECES)) this.#pieces.shift();
    if (now - this.#knownAt < MEASURE && this.#pieces.length > MIN_PIECES) return;
    this.#knownAt = now;
    this.#known = this.#measure();
  }

  /** Media was stopped on purpose, or comes by another connection: what was learnt of its times is void. */
  forget(): void {
    this.#clear();
    this.#edge = undefined;
  }

  /** What is known so far; undefined before the second piece. */
  get arrivals(): Arrivals | undefined {
    return this.#known;
  }

  #clear(): void {
    this.#pieces = [];
    this.#known = undefined;
  }

  #measure(): Arrivals {
    const lateness = quantile(this.#pieces, 0.5);
    const worst = quantile(
      this.#pieces.filter(({ peak }) => peak),
      PUNCTUAL,
    );
    const interval = this.#pieces.reduce((sum, { length }) => sum + length, 0) / this.#pieces.length;
    return { lateness, jitter: Math.max(0, worst - lateness), interval };
  }
}

/** How late the pieces are of which `share` are no later; never the latest of them. */
function quantile(pieces: readonly Piece[], share: number): number {
  const sorted = pieces.map(({ late }) => late).sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? -Infinity;
}
