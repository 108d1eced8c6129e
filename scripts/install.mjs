import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ROOT } from './programs.mjs';
import { run } from './run.mjs';

const LIMIT = 10 * 60_000;
/** As package.json has it under `engines`. */
const OLDEST_NODE = '20.19';

/**
 * What the lock file and npm's own record of node_modules say of a package.
 * @typedef {{ dependencies?: object, devDependencies?: object, optionalDependencies?: object }} Wanted
 * @typedef {{ version?: string, integrity?: string, optional?: boolean } & Wanted} LockedPackage
 */

/**
 * Runs `npm ci` if node_modules isn't what package-lock.json says. Throws if that fails, or if this Node is too old.
 * @param {(line: string) => void} say
 */
export async function installMissing(say) {
  if (process.versions.node.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0) {
    throw new Error(`Sluice needs Node ${OLDEST_NODE} or newer, and this is ${process.versions.node}: install it from https://nodejs.org`);
  }
  const reason = whyInstall(ROOT);
  if (reason === undefined) return;
  say(`Installing packages: ${reason}`);
  // Whatever the environment leaves out elsewhere: what builds Sluice is a development dependency.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env['npm_execpath'];
  const byNode = npm !== undefined && npm.endsWith('.js');
  const { ok, problem } = byNode ? await run(process.execPath, [npm, ...args], { limit: LIMIT }) : await run('npm', args, { limit: LIMIT });
  if (!ok) throw new Error(`Cannot install the packages: ${problem ?? 'npm ci failed, see above'}`);
}

/**
 * Why the packages in `root` must be installed, in words; `undefined` if they are as they should be.
 * @param {string} root
 * @returns {string | undefined}
 */
export function whyInstall(root) {
  const modules = join(root, 'node_modules');
  if (!existsSync(modules)) return 'there are none yet';
  // npm writes it last, so that an installation that was broken off has none.
  const record = join(modules, '.package-lock.json');
  if (!existsSync(record)) return 'they are incomplete';
  const locked = packagesIn(join(root, 'package-lock.json'));
  if (!isDeepStrictEqual(wanted(json(join(root, 'package.json'))), wanted(locked[''] ?? {}))) return 'package.json has changed';
  const installed = packagesIn(record);
  for (const [path, { version, integrity, optional }] of Object.entries(locked)) {
    if (path === '') continue;
    const present = installed[path];
    // An optional package is left out where it isn't for this platform.
    if (present === undefined && optional === true) continue;
    if (present?.version !== version || present?.integrity !== integrity) return 'package-lock.json has changed';
    if (!existsSync(join(root, path))) return `${path} is missing`;
  }
  return undefined;
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage>}
 */
function packagesIn(path) {
  return json(path).packages ?? {};
}

/** @param {string} path */
function json(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param {Wanted} description */
function wanted({ dependencies = {}, devDependencies = {}, optionalDependencies = {} }) {
  return { dependencies, devDependencies, optionalDependencies };
}
