import type { ServerResponse } from 'node:http';
import { whenGone } from '../http/when-gone';
import type { Clock } from '../relay/clock';
import type { MediaMessage } from '../relay/media-message';
import type { EpochStart, ViewerOutlet } from '../relay/viewer-outlet';

/** How long a viewer may take to read the rest of a file that has ended, ms: as long as `ws` waits for the end of a WebSocket. */
const PATIENCE = 30_000;

/** The way out to a viewer over HTTP: one epoch as one endless file. Nothing tells what has arrived: only its queue shows how it keeps up. */
export class ProgressiveOutlet implements ViewerOutlet {
  readonly transport = 'progressive';
  readonly receipts = false;
  readonly #response: ServerResponse;
  readonly #clock: Clock;

  constructor(response: ServerResponse, clock: Clock) {
    this.#response = response;
    this.#clock = clock;
  }

  /** The file ends where another epoch begins. */
  begin({ init }: EpochStart): void {
    if (this.#response.headersSent) {
      this.end();
      return;
    }
    this.#response.writeHead(200, progressiveHeaders(init.container));
    this.#response.write(init.bytes);
  }

  send({ bytes }: MediaMessage): void {
    if (!this.#response.writableEnded) this.#response.write(bytes);
  }

  sendAll(messages: readonly MediaMessage[]): void {
    this.#response.cork();
    for (const message of messages) this.send(message);
    this.#response.uncork();
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
}

/** The headers of a live stream: a file without end, of which nothing is kept. */
export function progressiveHeaders(container: string): Record<string, string> {
  return { 'Content-Type': `video/${container}`, 'Cache-Control': 'no-store' };
}
