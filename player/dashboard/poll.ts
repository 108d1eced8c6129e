import { Backoff } from '../../src/protocol/backoff';

/** From one answer to the next question, ms. */
const INTERVAL = 1_000;
/** How long an answer may take, ms. */
const PATIENCE = 5_000;

/** What the last tries came to. */
export interface PollResult<Found> {
  /** The newest answer that came; undefined before the first. */
  readonly found: Found | undefined;
  /** Why there is no newer one, in words. */
  readonly problem: string | undefined;
}

/** Asks once. Rejects with an error whose message is for people. */
export type Ask<Found> = (signal: AbortSignal) => Promise<Found>;

/** Asks the relay once a second, and less often while it doesn't answer. */
export class Poll<Found> {
  readonly #ask: Ask<Found>;
  readonly #tell: (result: PollResult<Found>) => void;
  readonly #backoff: Backoff;
  #found: Found | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #try: AbortController | undefined;

  constructor(options: { ask: Ask<Found>; tell: (result: PollResult<Found>) => void; backoff?: Backoff }) {
    this.#ask = options.ask;
    this.#tell = options.tell;
    this.#backoff = options.backoff ?? new Backoff();
  }

  /** Asks at once, and then again and again. May be called twice. */
  start(): void {
    if (this.#try === undefined && this.#timer === undefined) void this.#poll();
  }

  /** Asks no more until the next start. May be called twice. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#try?.abort();
    this.#try = undefined;
  }

  async #poll(): Promise<void> {
    this.#timer = undefined;
    const attempt = (this.#try = new AbortController());
    const impatience = setTimeout(() => attempt.abort(new Error('The relay takes too long to answer')), PATIENCE);
    let problem: string | undefined;
    try {
      const found = await this.#ask(attempt.signal);
      if (this.#try === attempt) this.#found = found;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    } finally {
      clearTimeout(impatience);
    }
    // Stopped, and perhaps started again, in the meantime: nobody waits for this answer.
    if (this.#try !== attempt) return;
    this.#try = undefined;
    if (problem === undefined) this.#backoff.reset();
    const wait = problem === undefined ? INTERVAL : this.#backoff.next();
    this.#timer = setTimeout(() => void this.#poll(), wait);
    this.#tell({ found: this.#found, problem });
  }
}
