import type { Clock } from '../relay/clock';
import type { Exchange } from './exchange';

/** How long a client may take nothing of a response before its connection is ended, ms. */
const UNREAD_LIMIT = 20_000;
/** How much is passed to the connection at a time, bytes: over TLS that much is encrypted, and so copied. */
const MAX_PENDING = 256 << 10;
const SLICE = 64 << 10;

/** Writes the body of a response, as fast as the client reads it. A client that stops reading costs its connection, and memory for 20 s. */
export class BodyWriter {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  /** What hasn't been passed to the connection. Shared, and never written to. */
  #pieces: Uint8Array[] = [];
  /** Bytes that were passed to the connection, and haven't left the process. */
  #pending = 0;
  #ended = false;
  #over = false;
  #stopWaiting: (() => void) | undefined;

  constructor(exchange: Exchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
    exchange.whenOver(() => {
      this.#over = true;
      this.#pieces = [];
      this.#stopWaiting?.();
    });
  }

  /** Appends bytes, which are neither copied nor changed. */
  write(...pieces: readonly Uint8Array[]): void {
    if (this.#over || this.#ended) return;
    this.#pieces.push(...pieces);
    this.#pump();
  }

  /** Ends the response after what was written. */
  end(): void {
    if (this.#over || this.#ended) return;
    this.#ended = true;
    this.#pump();
  }

  #pump(): void {
    const { response } = this.#exchange;
    // The head leaves with the first bytes.
    response.cork();
    while (this.#pending < MAX_PENDING) {
      const piece = this.#pieces.shift();
      if (piece === undefined) break;
      if (piece.length > SLICE) this.#pieces.unshift(piece.subarray(SLICE));
      this.#send(piece.subarray(0, SLICE));
    }
    if (this.#ended && this.#pieces.length === 0) response.end();
    response.uncork();
  }

  #send(slice: Uint8Array): void {
    this.#pending += slice.length;
    this.#wait();
    this.#exchange.response.write(slice, () => {
      this.#pending -= slice.length;
      this.#stopWaiting?.();
      this.#stopWaiting = undefined;
      if (this.#over) return;
      if (this.#pending > 0) this.#wait();
      if (this.#pieces.length > 0) this.#pump();
    });
  }

  #wait(): void {
    this.#stopWaiting ??= this.#clock.after(UNREAD_LIMIT, () => this.#exchange.destroy());
  }
}
