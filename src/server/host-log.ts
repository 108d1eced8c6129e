import { Logger } from '@nestjs/common';
import type { Log } from '../base/log';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** The relay's lines in the log of the host application, by Nest's logger, from a level on. */
export class HostLog implements Log {
  readonly #logger = new Logger('Sluice');
  readonly #least: number;

  constructor(level: (typeof LEVELS)[number]) {
    this.#least = LEVELS.indexOf(level);
  }

  debug(fields: object, message: string): void {
    if (this.#least <= LEVELS.indexOf('debug')) this.#logger.debug(line(fields, message));
  }

  info(fields: object, message: string): void {
    if (this.#least <= LEVELS.indexOf('info')) this.#logger.log(line(fields, message));
  }

  warn(fields: object, message: string): void {
    if (this.#least <= LEVELS.indexOf('warn')) this.#logger.warn(line(fields, message));
  }

  error(fields: object, message: string): void {
    const { err } = fields as { err?: unknown };
    if (this.#least <= LEVELS.indexOf('error')) this.#logger.error(line(fields, message), err instanceof Error ? err.stack : undefined);
  }
}

function line(fields: object, message: string): string {
  const shown = Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value instanceof Error ? value.message : typeof value === 'string' ? value : JSON.stringify(value)}`]));
  return [message, ...shown].join(' ');
}
