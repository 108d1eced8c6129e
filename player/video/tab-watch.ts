/** What is to be done as a tab is hidden and shown. */
export interface TabListener {
  /** Nobody sees the picture. */
  hidden(): void;
  /** Nobody has seen it for a while. */
  hiddenForLong(): void;
  shown(): void;
  /** The machine is on a network again, or on another. */
  networkChanged(): void;
}

/** Tabs that are only passed through go on as they were, ms. */
const A_WHILE = 3_000;

/** Watches whether the page can be seen, and the network under it. */
export class TabWatch {
  readonly #events = new AbortController();
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
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#events.abort();
  }
}
