/** Where the relay tells what happens: one line each, `fields` for machines, `message` for people. A pino logger is one. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** A log that may lose lines rather than make the process wait for whoever reads it. */
export interface LossyLog extends Log {
  /** Lines that were dropped since the start. */
  readonly dropped: number;
  /** Writes synchronously what waits, for half a second at most: for the last moment of the process. Never throws. */
  flush(): void;
}
