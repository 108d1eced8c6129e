import type { ChunkWindow } from './chunk-window';
import { endOfRun, joinRun } from './join-chunks';
import type { MediaMessage } from './media-message';

/**
 * What a newcomer is sent of an epoch: everything from the newest join point on, with runs of small chunks joined once for
 * all who come. The run that isn't full yet is sent as it is, so that nothing is joined twice.
 */
export class NewcomerMessages {
  readonly #window: ChunkWindow;
  #joined: MediaMessage[] = [];

  constructor(window: ChunkWindow) {
    this.#window = window;
  }

  /** In order; empty if no join point is held. */
  list(): readonly MediaMessage[] {
    this.forgetStale();
    const chunks = this.#window.fromJoinPoint();
    const joinedTo = this.#joined[this.#joined.length - 1]?.position ?? chunks[0]?.from;
    let at = chunks.findIndex(({ from }) => from === joinedTo);
    if (at < 0) return this.#joined;
    for (let end = endOfRun(chunks, at); end < chunks.length; end = endOfRun(chunks, at)) {
      this.#joined.push(joinRun(chunks.slice(at, end)));
      at = end;
    }
    return [...this.#joined, ...chunks.slice(at)];
  }

  /** Lets go of what was joined for a join point that is no longer the newest. */
  forgetStale(): void {
    if (this.#joined.length > 0 && this.#joined[0]?.from !== this.#window.joinFrom) this.#joined = [];
  }
}
