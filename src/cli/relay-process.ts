import { createProcessLog } from '../base/create-log';
import { reportFault } from '../base/faults';
import { guardedClock, on, once } from '../base/guard';
import type { LossyLog } from '../base/log';
import { version } from '../base/package';
import { explain, StartError } from '../base/start-error';
import type { Config } from '../config/config';
import { DEMO } from '../ffmpeg/sources';
import { type Relay, serve } from '../server/serve';
import { CRASHED, LISTENING } from './supervisor';

/** How long an orderly stop may take, ms, before the process ends all the same. */
const STOP_LIMIT = 7_000;
/** A signal this soon after the first, ms, is the same Ctrl-C: npm passes on what its child got from the terminal too. */
const SAME_SIGNAL = 300;

/**
 * Runs the relay in this process, until it is told to stop; resolves when it listens.
 * @throws StartError if it can't start.
 */
export async function runRelay(config: Config, { supervised }: { supervised: boolean }): Promise<void> {
  const log = createProcessLog(config.logLevel);
  const listens = heedFaults(log);
  const relay = await listen(config, () => serve(config, log));
  listens(relay);
  const stop = heedSignals(relay, config);
  if (supervised) stopWithSupervisor(stop);
  process.stdout.write(welcome(config, relay));
}

async function listen(config: Config, begin: () => Promise<Relay>): Promise<Relay> {
  try {
    return await begin();
  } catch (error) {
    const where = `${config.host}:${config.port}`;
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EADDRINUSE':
        throw new StartError(`Cannot listen on ${where}: the port is in use; choose another with --port, or end the program that has it`, { cause: error });
      case 'EACCES':
        throw new StartError(`Cannot listen on ${where}: the system doesn't permit this port; choose one above 1023 with --port`, { cause: error });
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
      case 'EAI_AGAIN':
        throw new StartError(`Cannot listen on ${where}: this machine has no such address; choose another with --host`, { cause: error });
      default:
        throw error;
    }
  }
}

/**
 * Takes what the guards didn't catch: the process outlives a promise, but nobody knows what an exception has left half done.
 * The returned function is to be given the relay once it listens.
 */
function heedFaults(log: LossyLog): (relay: Relay) => void {
  let relay: Relay | undefined;
  on(process, 'unhandledRejection', (reason: unknown) => {
    if (!reportFault(reason, 'a promise that nobody awaits')) log.error({ err: reason }, 'Internal error');
  });
  on(process, 'uncaughtException', (error: unknown) => {
    try {
      relay?.stopListening();
      log.error({ err: error }, 'The relay ends: it was left in an unknown state by an exception that nobody caught');
      log.flush();
    } finally {
      process.exit(CRASHED);
    }
  });
  return (listening) => {
    relay = listening;
  };
}

/** Stops the relay when it is told to. Returns what does so. */
function heedSignals(relay: Relay, { tls }: Config): () => void {
  let since: number | undefined;
  const stop = (): void => {
    if (since !== undefined) {
      if (performance.now() - since > SAME_SIGNAL) process.exit(1);
      return;
    }
    since = performance.now();
    guardedClock.after(STOP_LIMIT, () => process.exit(1));
    relay.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${explain(error)}\n`);
        process.exit(1);
      },
    );
  };
  on(process, 'SIGINT', stop);
  on(process, 'SIGTERM', stop);
  if (tls !== undefined) on(process, 'SIGHUP', () => relay.reload());
  return stop;
}

/** Says that it listens, and stops when the supervisor is gone, however it ended: nobody else could tell it to. */
function stopWithSupervisor(stop: () => void): void {
  once(process, 'disconnect', stop);
  // Else the channel would keep the process from ending.
  process.channel?.unref();
  if (process.connected) process.send?.(LISTENING, undefined, undefined, () => undefined);
  else stop();
}

function welcome({ demo, sources }: Config, { url, fingerprint }: Relay): string {
  const watched = [...(demo ? [DEMO] : []), ...sources.map(({ name }) => name)];
  const addresses = [
    ['Dashboard', `${url}/`],
    ...watched.map((name) => ['Watch', `${url}/watch/${name}`]),
    ['Studio', `${url}/publish/cam`],
    ...(fingerprint === undefined ? [] : [['SHA-256', `${fingerprint} of the certificate that browsers warn of`]]),
  ];
  const lines = addresses.map(([what = '', address = '']) => `  ${what.padEnd(10)} ${address}\n`);
  return `Sluice ${version()} listens. Ctrl-C stops it.\n\n${lines.join('')}\n`;
}
