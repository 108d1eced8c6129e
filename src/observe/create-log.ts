import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from '../config/config';
import type { Log } from './log';

/** A log on standard error: for people on a terminal, else one JSON object a line. */
export function createLog(level: Config['logLevel']): Log {
  const destination = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' })
    : pino.destination({ dest: 2, sync: true });
  return pino({ level }, destination);
}
