import { guard, guardedClock } from '../base/guard';
import type { Log } from '../base/log';
import { readTlsFiles, type TlsCredentials } from './tls-credentials';

/** How often the files are looked at, ms. */
const LOOK_INTERVAL = 5_000;

export interface TlsReloadOptions {
  /** Takes credentials into use. */
  readonly apply: (credentials: TlsCredentials) => void;
  readonly files: { readonly cert: string; readonly key: string };
  /** What is in use. */
  readonly current: TlsCredentials | undefined;
  readonly log: Log;
  /** How often the files are looked at, ms. */
  readonly interval?: number;
}

/**
 * Takes a renewed certificate into use without dropping anybody: connections that there are keep the old one. Its two files
 * never change at the same moment: as long as they don't belong together, what was taken into use last stays.
 */
export class TlsReload {
  readonly #options: TlsReloadOptions;
  /** What was taken into use last. */
  #current: TlsCredentials | undefined;
  /** What was wrong at the last look. */
  #complaint: string | undefined;
  #stopLooking: (() => void) | undefined;
  /** The look under way: a slow disk may take longer than the time between two. */
  #look: Promise<void> | undefined;

  constructor(options: TlsReloadOptions) {
    this.#options = options;
    this.#current = options.current;
  }

  /** Looks at the files from now on. They are read, because watching them would miss a change between the time they were read first and the first look. */
  start(): void {
    this.#stopLooking = guardedClock.every(this.#options.interval ?? LOOK_INTERVAL, () => guard('the certificate', () => this.look()));
  }

  /** Reads the files again. What is wrong with them is logged, and changes nothing. Resolves when it is done. */
  async reload(): Promise<void> {
    // It may have read them before they were changed.
    await this.#look;
    this.#current = undefined;
    this.#complaint = undefined;
    await this.look();
  }

  /** The same, unless they are as they were at the last look. Resolves when it is done; never rejects. */
  look(): Promise<void> {
    return (this.#look ??= this.#read().finally(() => (this.#look = undefined)));
  }

  async #read(): Promise<void> {
    const { apply, files, log } = this.#options;
    try {
      const credentials = await readTlsFiles(files);
      if (credentials.cert === this.#current?.cert && credentials.key === this.#current.key) return;
      apply(credentials);
      this.#current = credentials;
      this.#complaint = undefined;
      log.info({ cert: files.cert }, 'The certificate was read again');
    } catch (error) {
      const reason = (error as Error).message;
      if (reason !== this.#complaint) log.error({ cert: files.cert, reason }, 'The certificate stays as it was');
      this.#complaint = reason;
    }
  }

  stop(): void {
    this.#stopLooking?.();
  }
}
