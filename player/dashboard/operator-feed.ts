import type { RelayEvent } from '../../src/protocol/api-event';
import { Backoff } from '../../src/protocol/backoff';

/** The relay tells something once a second: after as long a silence, ms, it isn't there any more. */
const PATIENCE = 10_000;

/** The part of an `EventSource` that is used; tests have one of their own. */
export interface EventStream {
  readonly readyState: number;
  addEventListener(type: 'message' | 'error', listener: (event: Event) => void): void;
  close(): void;
}

/** What an `EventSource` that won't try again is in. */
const CLOSED = 2;

/** How a feed is had, and whom it tells. */
interface FeedOptions {
  /** Whether the visitor may have it: only an ordinary request is told why not. Rejects with words for people. */
  readonly admit: (signal: AbortSignal) => Promise<boolean>;
  readonly open: () => EventStream;
  readonly tell: (event: RelayEvent) => void;
  /** The visitor may not have it. */
  readonly refused: () => void;
  /** Why nothing comes, in words; undefined when it does again. */
  readonly problem: (words: string | undefined) => void;
  readonly backoff?: Backoff;
}

/** What happens at the relay, as it tells an administrator: begun again whenever it breaks off, also where the browser gives up. */
export class OperatorFeed {
  readonly #options: FeedOptions;
  readonly #backoff: Backoff;
  #try: AbortController | undefined;
  #events: EventStream | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#backoff = options.backoff ?? new Backoff();
  }

  /** Begins to listen. May be called twice; after a refusal it asks again. */
  start(): void {
    if (this.#try === undefined && this.#events === undefined && this.#timer === undefined) void this.#begin();
  }

  /** Listens no more until the next start. May be called twice. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#try?.abort();
    this.#try = undefined;
    this.#events?.close();
    this.#events = undefined;
  }

  async #begin(): Promise<void> {
    this.#timer = undefined;
    const attempt = (this.#try = new AbortController());
    const impatience = setTimeout(() => attempt.abort(new Error('The relay takes too long to answer')), PATIENCE);
    try {
      const admitted = await this.#options.admit(attempt.signal);
      if (this.#try !== attempt) return;
      this.#try = undefined;
      if (admitted) this.#listen();
      else this.#options.refused();
    } catch (error) {
      // Stopped, and perhaps started again, in the meantime.
      if (this.#try !== attempt) return;
      this.#try = undefined;
      this.#again(error instanceof Error ? error.message : String(error));
    } finally {
      clearTimeout(impatience);
    }
  }

  #listen(): void {
    const events = (this.#events = this.#options.open());
    this.#expect();
    events.addEventListener('message', (message) => {
      const event = 'data' in message ? decode(message.data) : undefined;
      if (event === undefined || this.#events !== events) return;
      this.#expect();
      this.#backoff.reset();
      this.#options.problem(undefined);
      this.#options.tell(event);
    });
    events.addEventListener('error', () => {
      if (this.#events !== events) return;
      if (events.readyState === CLOSED) this.#lose();
      else this.#options.problem('The relay does not answer');
    });
  }

  /** Waits for the next sign of life. */
  #expect(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lose(), PATIENCE);
  }

  #lose(): void {
    this.stop();
    this.#again('The relay does not answer');
  }

  #again(words: string): void {
    this.#timer = setTimeout(() => void this.#begin(), this.#backoff.next());
    this.#options.problem(words);
  }
}

/** An event, or undefined if it is none that can be read. */
function decode(data: unknown): RelayEvent | undefined {
  try {
    const event: unknown = JSON.parse(String(data));
    return typeof event === 'object' && event !== null && 'type' in event && typeof event.type === 'string' ? (event as RelayEvent) : undefined;
  } catch {
    return undefined;
  }
}
