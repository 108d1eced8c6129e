import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { guard, on } from './guard';
import type { Log, LossyLog } from './log';
import { LogOutput } from './log-output';
import { redactSecrets } from './redact';
import { freeStandardStreams } from './standard-streams';

/** The least severe lines that are logged. */
type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const STDERR = 2;

/** A log whose lines go to `destination`, one JSON object each. */
export function createLog(level: LogLevel, destination: { write(line: string): void }): Log {
  return pino({ level, hooks: { streamWrite: redactSecrets } }, destination);
}

/** The log of this process, on standard error: for people on a terminal, else one JSON object a line. */
export function createProcessLog(level: LogLevel): LossyLog {
  freeStandardStreams();
  const output = new LogOutput({
    fd: STDERR,
    after: (ms, run) => {
      const timer = setTimeout(() => guard('the log', run), ms).unref();
      return () => clearTimeout(timer);
    },
    notice: (dropped) => log.error({ dropped }, 'Lines of the log were dropped: whatever reads it was too slow, or could not take them'),
  });
  const forPeople = prettyFactory({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' });
  const log = createLog(level, process.stderr.isTTY ? { write: (line) => output.write(forPeople(line)) } : output);
  on(process, 'exit', () => output.flush());
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    flush: () => output.flush(),
    get dropped() {
      return output.dropped;
    },
  };
}
