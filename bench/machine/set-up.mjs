import { Option } from 'commander';
import { cpus, loadavg } from 'node:os';
import { workFolder } from '../../scripts/at-end.mjs';
import { build } from '../../scripts/parts.mjs';
import { ROOT } from '../../scripts/programs.mjs';
import { takeCores } from './cores.mjs';
import { checkStats } from './process-stats.mjs';
import { makeUrgent } from './urgent.mjs';

/** The option that names what is measured. */
export const RELAY = new Option('--relay <folder>', 'the built checkout of Sluice that is measured, instead of this one');
/** The option for machines that aren't quiet. */
export const URGENT = new Option('--urgent', 'before other programs of this machine, where that may be asked for');

/**
 * The folder of the checkout that is measured: that of --relay, or this one, which is built.
 * @param {string | undefined} relay
 */
export async function relayFolder(relay) {
  if (relay === undefined) await build(console.log);
  return relay ?? ROOT;
}

/**
 * Prints on what is measured.
 * @param {...string} more
 */
export function printFacts(...more) {
  const processors = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`;
  console.log([`Node ${process.version}`, processors, `load ${loadavg()[0]?.toFixed(1)}`, ...more].join(', '));
}

/**
 * Prepares this process to measure a server beside it: builds the relay, keeps server and client on cores of their own, and prints on what is measured.
 * @param {{ relay?: string, urgent?: boolean }} options
 * @returns {Promise<{ root: string, core: number | undefined, folder: string }>} `root` of the relay that is measured, `core` of servers, `folder` for their files.
 */
export async function setUp({ relay, urgent = false }) {
  checkStats();
  const root = await relayFolder(relay);
  if (urgent) makeUrgent(process.pid);
  const { server: core, text } = takeCores();
  printFacts(text);
  return { root, core, folder: workFolder('bench') };
}
