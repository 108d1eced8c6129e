import type { ServerResponse } from 'node:http';
import type { MediaMessage } from '../relay/media-message';
import type { EpochStart, ViewerOutlet } from '../relay/viewer-outlet';

/** The way out to a viewer over HTTP: one epoch as one endless file. Nothing tells what has arrived: only its queue shows how it keeps up. */
export class ProgressiveOutlet implements ViewerOutlet {
  readonly transport = 'progressive';
  readonly receipts = false;
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
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

  end(): void {
    this.#response.end();
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
