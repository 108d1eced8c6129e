/** What is to be done as a tab is hidden and shown. */
export interface TabListener {
  /** Nobody sees the picture. */
  hidden(): void;
  /** Nobody has seen it for a while. */
  hiddenForLong(): void;
  shown(): void;
  /** The machine is on a network again, on another, or was asleep: connections may have died without a word. */
  networkChanged(): void;
}

/** Tabs that are only passed through go on as they were, ms. */
const A_WHILE = 3_000;
/** How often the time is looked at, ms; the machine was asleep if much more has passed. */
const BEAT = 1_000;
const SLEPT = 5_000;

/** Watches whether the page can be seen, the network under it, and whether the machine sleeps. */
export class TabWatch {
  readonly #events = new AbortController();
  readonly #beat: ReturnType<typeof setInterval>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(listener: TabListener) {
    const { signal } = this.#events;
    document.addEventListener(
      'visibilitychange',
      () => {
        clearTimeout(this.#timer);
        if (document.hidden) {
          listener.hidden();
          this.#timer = setTimeout(() => listener.hiddenForLong(), A_WHILE);
        } else {
          listener.shown();
        }
      },
      { signal },
    );
    addEventListener('online', () => listener.networkChanged(), { signal });
    const { connection } = navigator as { connection?: EventTarget };
    connection?.addEventListener('change', () => listener.networkChanged(), { signal });
    // By the time of day: in a sleep, the monotonic clock of some browsers stands still.
    let seenAt = Date.now();
    this.#beat = setInterval(() => {
      const slept = Date.now() - seenAt > SLEPT;
      seenAt = Date.now();
      if (slept) listener.networkChanged();
    }, BEAT);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    this.#events.abort();
  }
}
