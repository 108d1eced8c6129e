import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SluiceError } from '../protocol/error-code';
import { refuse } from './refuse';
import { whenGone } from './when-gone';

/** A request and its response, which can be broken off until it is over. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #whenOver: (() => void)[] = [];
  #over = false;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    whenGone(response, () => this.#end());
  }

  /** Calls `run` when the response has been sent or broken off, or the connection has ended; at once if that has happened already. */
  whenOver(run: () => void): void {
    if (this.#over) run();
    else this.#whenOver.push(run);
  }

  /** Answers with the error; a response that has begun is broken off. */
  refuse(error: SluiceError): void {
    if (this.#over) return;
    this.#end();
    refuse(this.response, error);
  }

  /** Ends the connection. */
  destroy(): void {
    this.#end();
    this.request.socket.destroy();
  }

  #end(): void {
    this.#over = true;
    for (const run of this.#whenOver.splice(0)) run();
  }
}
