import type { Clock } from '../relay/clock';
import type { Log, LossyLog } from './log';

type Level = keyof Log;
/** Where its lines go: a log that may lose some, or one that loses none. */
export type LogDestination = Log & Partial<Pick<LossyLog, 'dropped'>>;

/** So many lines with the same message are let through within a second; the rest become one line with their number. */
const MAX_ALIKE = 20;
const SECOND = 1_000;

interface Flood {
  lines: number;
  /** The newest line that was held back. */
  last: { readonly level: Level; readonly fields: object } | undefined;
  readonly cancel: () => void;
}

/** A log that no flood of the same message fills: what a client can cause again and again comes out as one line a second. */
export class FloodLog implements LogDestination {
  readonly #log: LogDestination;
  readonly #clock: Clock;
  readonly #floods = new Map<string, Flood>();

  constructor(log: LogDestination, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Lines that its destination has dropped since the start. */
  get dropped(): number {
    return this.#log.dropped ?? 0;
  }

  debug(fields: object, message: string): void {
    this.#take('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#take('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#take('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#take('error', fields, message);
  }

  /** Tells what was held back, and stops its timers. */
  close(): void {
    for (const [message, flood] of this.#floods) {
      flood.cancel();
      this.#settle(message, flood);
    }
  }

  #take(level: Level, fields: object, message: string): void {
    const flood = this.#floods.get(message) ?? this.#begin(message);
    flood.lines++;
    if (flood.lines <= MAX_ALIKE) this.#log[level](fields, message);
    else flood.last = { level, fields };
  }

  #begin(message: string): Flood {
    const flood: Flood = { lines: 0, last: undefined, cancel: this.#clock.after(SECOND, () => this.#settle(message, flood)) };
    this.#floods.set(message, flood);
    return flood;
  }

  #settle(message: string, { lines, last }: Flood): void {
    this.#floods.delete(message);
    if (last !== undefined) this.#log[last.level]({ ...last.fields, alike: lines - MAX_ALIKE }, message);
  }
}
