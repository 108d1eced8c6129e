import type { ServerResponse } from 'node:http';
import { whenGone } from '../http/when-gone';
import type { MediaPieces } from '../media/patched-media';
import type { Clock } from '../relay/clock';
import type { MediaMessage } from '../relay/media-message';
import type { EpochStart, OwnTimes, ViewerOutlet } from '../relay/viewer-outlet';

/** How long a viewer may take to read the rest of a file that has ended, ms: as long as `ws` waits for the end of a WebSocket. */
const PATIENCE = 30_000;

/** The way out to a viewer over HTTP: one endless file, whose times begin at 0. Nothing tells what has arrived: only its queue shows how it keeps up. */
export class ProgressiveOutlet implements ViewerOutlet {
  readonly transport = 'progressive';
  readonly receipts = false;
  readonly ownTimes: OwnTimes;
  readonly #response: ServerResponse;
  readonly #clock: Clock;

  /** `continuous`: whether the file goes on in new epochs that its init segment describes. */
  constructor(response: ServerResponse, { clock, continuous }: { clock: Clock; continuous: boolean }) {
    this.#response = response;
    this.#clock = clock;
    this.ownTimes = { fromZero: true, continuous };
  }

  /** A file has one init segment: it ends where an epoch begins that needs another. */
  begin({ init, continues }: EpochStart): void {
    if (this.#response.headersSent) {
      if (continues !== 'same-init') this.end();
      return;
    }
    this.#response.writeHead(200, progressiveHeaders(init.container));
    this.#response.write(init.bytes);
  }

  send({ bytes }: MediaMessage): void {
    if (!this.#response.writableEnded) this.#response.write(bytes);
  }

  sendAll(messages: readonly MediaMessage[]): void {
    this.#writeAll(messages.map(({ bytes }) => bytes));
  }

  sendMoved(messages: readonly MediaPieces[]): void {
    this.#writeAll(messages.flat().filter(({ length }) => length > 0));
  }

  mark(): void {
    // There is nobody to ask.
  }

  /** The door's `drained` is all the answer there will be. */
  sync(): void {
    // There is nobody to ask.
  }

  tell(): void {
    // A file has no room for messages.
  }

  /** One that doesn't read the rest is cut off: what waits for it would stay in memory. */
  end(): void {
    if (this.#response.writableEnded) return;
    this.#response.end();
    whenGone(this.#response, this.#clock.after(PATIENCE, () => this.#response.destroy()));
  }

  /** Nothing can be told any more: the body breaks off, so that nobody takes it for whole. */
  fail(): void {
    this.#response.destroy();
  }

  queued(): number {
    return this.#response.writableLength;
  }

  #writeAll(pieces: readonly Uint8Array[]): void {
    if (this.#response.writableEnded) return;
    this.#response.cork();
    for (const piece of pieces) this.#response.write(piece);
    this.#response.uncork();
  }
}

/** The headers of a live stream: a file without end, of which nothing is kept. */
export function progressiveHeaders(container: string): Record<string, string> {
  return { 'Content-Type': `video/${container}`, 'Cache-Control': 'no-store' };
}
