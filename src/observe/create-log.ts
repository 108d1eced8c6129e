import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config';
import type { Log } from './log';
import { redactSecrets } from './redact-secrets';

/** A log on standard error, or wherever `destination` writes: for people on a terminal, else one JSON object a line. */
export function createLog(level: Config['logLevel'], destination: { write(line: string): void } = standardError()): Log {
  return pino({ level, hooks: { streamWrite: redactSecrets } }, destination);
}

function standardError(): { write(line: string): void } {
  return process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination({ dest: 2, sync: true });
}
