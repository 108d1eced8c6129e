import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/programs.mjs';
import { run } from '../../scripts/run.mjs';

/** Where the packages are that Sluice is measured beside. */
export const PEERS = join(ROOT, 'bench', 'peers');
const INSTALL_LIMIT = 5 * 60_000;

/**
 * Installs them, unless that was done since their list is as it is.
 * @param {(line: string) => void} say
 */
export async function installPeers(say) {
  const installed = join(PEERS, 'node_modules', '.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(PEERS, 'package-lock.json')).mtimeMs) return;
  say('Installing what is measured beside Sluice, in bench/peers');
  const { ok, problem } = await run('npm', ['ci', '--prefix', PEERS, '--ignore-scripts', '--no-fund', '--no-audit'], { limit: INSTALL_LIMIT });
  if (!ok) throw new Error(`Cannot install it: ${problem ?? 'see above'}; --peers leaves out who needs it`);
}
