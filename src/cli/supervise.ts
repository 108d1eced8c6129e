import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createProcessLog } from '../base/create-log';
import { on } from '../base/guard';
import { packageRoot } from '../base/package';
import type { Config } from '../config/config';
import { systemClock } from '../relay/clock';
import { type Ending, type RelayProcess, Supervisor } from './supervisor';

/** The flag of a relay that a supervisor has started. */
export const SUPERVISED = '--supervised';

/**
 * Runs `sluice serve` with these arguments in a process of its own, again and again; ends this process as the relay ended for good.
 *
 * The relay has a process group of its own, so that Ctrl-C reaches it once, by its supervisor, and what it leaves behind can be killed.
 * Where the supervisor itself is killed, the relay sees it by the channel between them, and stops.
 */
export async function supervise(args: readonly string[], { tls, logLevel }: Pick<Config, 'tls' | 'logLevel'>): Promise<void> {
  const supervisor = new Supervisor({ start: () => startRelay(args), sweep: killGroup, clock: systemClock, log: createProcessLog(logLevel) });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) on(process, signal, () => supervisor.stop(signal));
  // Without a certificate it ends both, as it always did.
  if (tls !== undefined) on(process, 'SIGHUP', () => supervisor.pass('SIGHUP'));
  supervisor.begin();
  endAs(await supervisor.ended);
}

function startRelay(args: readonly string[]): ChildProcess {
  const program = join(packageRoot(), 'bin', 'sluice.js');
  return spawn(process.execPath, [...process.execArgv, program, 'serve', SUPERVISED, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  });
}

/** An ffmpeg of a relay that was killed would keep its camera until it has something to write. */
function killGroup({ pid }: RelayProcess): void {
  if (pid === undefined || process.platform === 'win32') return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody of it is left.
  }
}

function endAs({ code, signal }: Ending): void {
  // It didn't end in time, and was killed.
  if (signal === null || signal === 'SIGKILL') process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
