import type { ChunkWindow } from './chunk-window';
import { endOfRun, joinRun } from './join-chunks';
import type { MediaMessage } from './media-message';

/**
 * What viewers are sent of the media that an epoch retains. Runs of small chunks since the newest join point are joined once,
 * for all newcomers. A run that isn't full yet is sent chunk by chunk, so that nothing is joined twice.
 */
export class NewcomerMessages {
  readonly #window: ChunkWindow;
  #joined: MediaMessage[] = [];

  constructor(window: ChunkWindow) {
    this.#window = window;
  }

  /**
   * The next messages after `position`, in order: at most `bytes` of them, or one. Empty at the end; undefined if `position` is no
   * boundary between chunks that are retained.
   */
  after(position: number, bytes: number): readonly MediaMessage[] | undefined {
    this.forgetStale();
    if (position === this.#window.joinFrom) this.#joinRuns(position);
    const at = this.#joined.findIndex(({ from }) => from === position);
    if (at < 0) return this.#window.after(position, bytes);
    const end = this.#joined.findIndex((message, index) => index > at && message.position - position > bytes);
    return this.#joined.slice(at, end < 0 ? undefined : end);
  }

  /** Lets go of what was joined for a join point that is no longer the newest. */
  forgetStale(): void {
    if (this.#joined.length > 0 && this.#joined[0]?.from !== this.#window.joinFrom) this.#joined = [];
  }

  /** Joins the runs that have become full since the last newcomer. */
  #joinRuns(joinFrom: number): void {
    const chunks = this.#window.after(this.#joined[this.#joined.length - 1]?.position ?? joinFrom) ?? [];
    for (let at = 0, end = endOfRun(chunks, at); end < chunks.length; end = endOfRun(chunks, at)) {
      this.#joined.push(joinRun(chunks.slice(at, end)));
      at = end;
    }
  }
}
