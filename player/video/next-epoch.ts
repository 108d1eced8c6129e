/** How often it is looked for, ms. */
const INTERVAL = 5_000;

interface NextEpochOptions {
  /** Address of the multivariant playlist. */
  readonly index: URL;
  /** Address of the init segment that the browser can't play; undefined: that which is listed last at the first look. */
  readonly failed: string | undefined;
  /** Called once. */
  readonly begun: () => void;
  /** Replaced in tests. */
  readonly fetch?: (url: URL) => Promise<Response>;
}

/**
 * Looks whether a stream over HLS has something else to play than what the browser has failed on: another init segment, and nothing of the
 * one before in the list, where a player might begin; or nothing any more.
 */
export class NextEpoch {
  readonly #options: NextEpochOptions;
  readonly #looking: ReturnType<typeof setInterval>;
  /** Address of the media playlist, once it is known: looking for it again would make another session. */
  #media: URL | undefined;
  #failed: string | undefined;
  #closed = false;

  constructor(options: NextEpochOptions) {
    this.#options = options;
    this.#failed = options.failed;
    this.#looking = setInterval(() => void this.#look(), INTERVAL);
  }

  /** Looks no more. May be called twice. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#looking);
  }

  async #look(): Promise<void> {
    try {
      const { text, gone } = await this.#ask();
      if (!this.#closed && (gone || text.includes('#EXT-X-ENDLIST') || this.#isNext(text))) this.#begun();
    } catch {
      // No way to the relay: it is looked again.
    }
  }

  #begun(): void {
    this.close();
    this.#options.begun();
  }

  /** The media playlist as it is now; empty while nobody gives it. */
  async #ask(): Promise<{ readonly text: string; readonly gone: boolean }> {
    const { index } = this.#options;
    if (this.#media === undefined) {
      const { text, gone } = await this.#get(index);
      const variant = text.split('\n').find((line) => line !== '' && !line.startsWith('#'));
      if (variant === undefined) return { text: '', gone };
      this.#media = new URL(variant, index);
    }
    return this.#get(this.#media);
  }

  async #get(url: URL): Promise<{ readonly text: string; readonly gone: boolean }> {
    const answer = await (this.#options.fetch ?? ((address) => fetch(address, { cache: 'no-store' })))(url);
    const text = await answer.text();
    return { text: answer.ok ? text : '', gone: answer.status === 404 };
  }

  #isNext(playlist: string): boolean {
    const inits = [...playlist.matchAll(/#EXT-X-MAP:URI="([^"]+)"/g)].map(([, uri]) => new URL(uri ?? '', this.#media).href);
    this.#failed ??= inits.at(-1);
    return inits.length > 0 && !inits.includes(this.#failed ?? '');
  }
}
