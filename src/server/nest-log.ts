import type { LoggerService } from '@nestjs/common';
import type { Log } from '../base/log';

/** Nest's own messages in the relay's log: what it tells of its start is for debugging. */
export class NestLog implements LoggerService {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  log(message: unknown, ...context: unknown[]): void {
    this.#log.debug({ context: context.at(-1) }, String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.#log.warn({ context: context.at(-1) }, String(message));
  }

  /** The application itself complains only of where it can't listen, which it throws too. */
  error(message: unknown, ...context: unknown[]): void {
    const level = context.at(-1) === 'NestApplication' ? 'debug' : 'error';
    this.#log[level]({ context: context.at(-1), ...(message instanceof Error && { err: message }) }, String(message));
  }
}
