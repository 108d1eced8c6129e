import type { SluiceError } from '../protocol/error-code';
import type { ViewerInfo } from '../protocol/viewer-info';

/** A viewer that its door serves from what is held, so that no `Viewer` stands for it: one over HLS. */
export class Guest {
  /** Opaque, unique over restarts. */
  readonly id: string = crypto.randomUUID();
  readonly #address: string;
  readonly #since: number;
  readonly #disconnect: (error: SluiceError) => void;

  /** `since` is Unix ms; `disconnect` lets its door serve it no longer. */
  constructor({ address, since, disconnect }: { address: string; since: number; disconnect: (error: SluiceError) => void }) {
    this.#address = address;
    this.#since = since;
    this.#disconnect = disconnect;
  }

  /** What the API tells of it. */
  get info(): ViewerInfo {
    return { id: this.id, transport: 'hls', address: this.#address, since: this.#since, state: 'open', skips: 0, skippedBytes: 0 };
  }

  /** Serves it no longer. */
  fail(error: SluiceError): void {
    this.#disconnect(error);
  }
}
