import { unwatchFile, watchFile } from 'node:fs';
import { guard } from '../core/guard';
import type { Log } from '../observe/log';
import { readTlsFiles, type TlsCredentials } from './tls-credentials';

/** How often the files are looked at, ms. */
const LOOK_INTERVAL = 5_000;

/** Takes a renewed certificate into use without dropping anybody: connections that there are keep the old one. */
export class TlsReload {
  readonly #apply: (credentials: TlsCredentials) => void;
  readonly #files: { readonly cert: string; readonly key: string };
  readonly #log: Log;

  /** `apply` takes credentials into use. */
  constructor({ apply, files, log }: { apply: (credentials: TlsCredentials) => void; files: { readonly cert: string; readonly key: string }; log: Log }) {
    this.#apply = apply;
    this.#files = files;
    this.#log = log;
  }

  /** Looks at the files from now on. */
  start(): void {
    watchFile(this.#files.cert, { interval: LOOK_INTERVAL, persistent: false }, this.#onChange);
  }

  /** Reads the files again. What is wrong with them is told to the log, and changes nothing. */
  reload(): void {
    try {
      this.#apply(readTlsFiles(this.#files));
      this.#log.info({ cert: this.#files.cert }, 'The certificate was read again');
    } catch (error) {
      this.#log.error({ cert: this.#files.cert, reason: (error as Error).message }, 'The certificate stays as it was');
    }
  }

  stop(): void {
    unwatchFile(this.#files.cert, this.#onChange);
  }

  readonly #onChange = (): void => guard('a renewed certificate', () => this.reload());
}
