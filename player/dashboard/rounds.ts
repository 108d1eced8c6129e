/** From one question to the next, ms. */
const STEP = 500;
/** From one question about something to the next about the same, ms. */
const ROUND = 5_000;

/** What is asked, and about what. */
interface RoundsOptions {
  /** What there is to ask about just now. */
  readonly names: () => readonly string[];
  /** Asks about one of them. What it rejects with is its own affair. */
  readonly ask: (name: string, signal: AbortSignal) => Promise<void>;
  /** ms, monotonic; replaced in tests. */
  readonly now?: () => number;
}

/** Asks about many things in turn, one question at a time, and about each no oftener than every 5 s: however many there are, the relay has the same work. */
export class Rounds {
  readonly #options: RoundsOptions;
  readonly #now: () => number;
  readonly #askedAt = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | undefined;

  constructor(options: RoundsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** May be called twice. */
  start(): void {
    if (this.#running !== undefined) return;
    const running = (this.#running = new AbortController());
    void this.#step(running);
  }

  /** May be called twice. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#running?.abort();
    this.#running = undefined;
  }

  async #step(running: AbortController): Promise<void> {
    const name = this.#next();
    if (name !== undefined) {
      this.#askedAt.set(name, this.#now());
      await this.#options.ask(name, running.signal).catch(() => undefined);
    }
    if (this.#running === running) this.#timer = setTimeout(() => void this.#step(running), STEP);
  }

  /** Who wasn't asked about for the longest time, if that is long enough ago. */
  #next(): string | undefined {
    const names = this.#options.names();
    for (const name of this.#askedAt.keys()) if (!names.includes(name)) this.#askedAt.delete(name);
    const due = this.#now() - ROUND;
    const asked = (name: string): number => this.#askedAt.get(name) ?? -Infinity;
    const [oldest] = [...names].sort((one, other) => (asked(one) < asked(other) ? -1 : Number(asked(one) > asked(other))));
    return oldest !== undefined && asked(oldest) <= due ? oldest : undefined;
  }
}
